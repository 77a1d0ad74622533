// file
struct Highway: Layer {}
