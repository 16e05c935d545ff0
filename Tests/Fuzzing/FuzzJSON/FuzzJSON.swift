import FuzzDriver
import JSON

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    unsafe FuzzDriver.run(bytes, count) { FuzzJSON.check($0) }
}

/// Documents, read by the parser and by a second reader that shares no code with it.
enum FuzzJSON {
    // Kept, as the gateway keeps its own: nothing of a document may show in the next.
    // Used by the fuzzer's one thread.
    private nonisolated(unsafe) static let parser = JSONParser(bytesMax: 65_536)

    static func check(_ input: [UInt8]) {
        let tree = read(input)
        promise((tree != nil) == PlainReader.isJSONText(input), "one takes it, the other doesn't")
        guard let tree else { return }
        promise(read(tree.compact) == tree, "what was written reads back")
        promise(read(Array(tree.pretty.utf8)) == tree, "so does the form for people")
        promise((try? JSONTree(parsing: input)) == tree, "a fresh parser says the same")
    }

    private static func read(_ bytes: [UInt8]) -> JSONTree? {
        do throws(JSONError) {
            return unsafe try parser.withDocument(bytes) { JSONTree(copying: $0) }
        } catch {
            promise(error.offset ?? 0 <= bytes.count, "\(error) lies within the document")
            return nil
        }
    }
}
