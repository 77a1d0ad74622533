let output = Linear<Float>(inputs: 8, outputs: 3, using: &generator)
