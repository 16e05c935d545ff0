extension PostgresParameters {
    /// Lends the values as the arrays that libpq takes; it copies what it sends.
    func withPointers<Result>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
            _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        let lengths = places.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: places.count)  // 1 is binary
        // An empty value needs an address too: none at all would make it NULL.
        let content = bytes + [0]
        return unsafe content.withUnsafeBytes { buffer in
            let values: [UnsafePointer<CChar>?] = unsafe places.map { place in
                guard let place else { return nil }
                return unsafe buffer.baseAddress?.advanced(by: place.lowerBound)
                    .assumingMemoryBound(to: CChar.self)
            }
            return unsafe values.withUnsafeBufferPointer { values in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe formats.withUnsafeBufferPointer { formats in
                        unsafe body(
                            Int32(places.count), values.baseAddress, lengths.baseAddress,
                            formats.baseAddress)
                    }
                }
            }
        }
    }
}
