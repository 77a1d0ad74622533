let model = try Seq2Seq<Float>(contentsOf: "other.safetensors")
