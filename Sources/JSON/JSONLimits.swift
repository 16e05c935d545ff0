/// The bounds of reading JSON.
package enum JSONLimits {
    /// How deep containers may nest; deeper documents are refused.
    ///
    /// Nothing that BigPanda sends comes near it, and every recursion over a tree of this depth
    /// fits a small stack.
    package static let depthMax = 512

    /// The longest document that a parser takes unless told otherwise, in bytes.
    ///
    /// Four times the largest webhook body that is accepted by default.
    package static let documentBytesMax = 32 * 1024 * 1024

    /// 1,048,576 values in one document: twice what a webhook body of the largest size holds.
    ///
    /// A value costs the parser some 40 bytes, however short it is written; so many cost 40 MiB.
    package static let valuesMax = 1 << 20

    /// 64 KiB: a shorter document can't cost much, and isn't counted through.
    static let bytesUncounted = 65_536

    /// The size up to which a parser keeps its memory between documents, in bytes.
    ///
    /// Ordinary payloads are around 1 KiB; what one large document needed must not stay for good.
    package static let keptBytesMax = 1024 * 1024
}
