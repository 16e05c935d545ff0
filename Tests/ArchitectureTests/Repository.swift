import Glibc

/// The files of this repository, read once.
struct Repository: Sendable {
    let files: [SourceFile]
    /// What stands at the top, hidden entries included.
    let topLevel: [String]
    let requirements: ProtocolRequirements

    /// The working copy that this test was compiled from.
    static let current = Repository(root: rootOfThisFile())

    // Built or downloaded; nothing in them is ours.
    private static let skippedDirectories: Set<String> = ["data", "__pycache__"]
    // Hidden, and ours nevertheless.
    private static let hiddenDirectories: Set<String> = [".ci"]
    private static let textSuffixes = [
        ".swift", ".h", ".c", ".cpp", ".modulemap", ".py", ".md", ".txt", ".json", ".toml", ".ini",
        ".yaml", ".yml", ".service", ".socket", ".sh", ".html", ".css", ".js", ".sql", ".supp",
    ]

    init(root: String) {
        var files: [SourceFile] = []
        Self.visit(root, "", &files)
        self.files = files.sorted { $0.path < $1.path }
        topLevel = Self.entries(of: root).map(\.name).sorted()
        requirements = ProtocolRequirements(of: files)
    }

    private static func rootOfThisFile() -> String {
        // …/Tests/ArchitectureTests/Repository.swift
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    }

    private static func visit(_ root: String, _ path: String, _ files: inout [SourceFile]) {
        for entry in entries(of: path.isEmpty ? root : root + "/" + path) {
            let entryPath = path.isEmpty ? entry.name : path + "/" + entry.name
            if entry.isDirectory {
                let isHidden = entry.name.hasPrefix(".") && !hiddenDirectories.contains(entry.name)
                guard !isHidden, !skippedDirectories.contains(entry.name) else { continue }
                visit(root, entryPath, &files)
            } else if isText(entry.name) {
                files.append(SourceFile(path: entryPath, bytes: bytes(of: root + "/" + entryPath)))
            }
        }
    }

    private static func isText(_ name: String) -> Bool {
        !name.contains(".") || textSuffixes.contains { name.hasSuffix($0) }
    }

    private struct Entry {
        let name: String
        let isDirectory: Bool
    }

    private static func entries(of directory: String) -> [Entry] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var entries: [Entry] = []
        while let raw = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &raw.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            let isDirectory = unsafe Int(raw.pointee.d_type) == DT_DIR
            entries.append(Entry(name: name, isDirectory: isDirectory))
        }
        return entries
    }

    private static func bytes(of path: String) -> [UInt8] {
        guard let file = unsafe fopen(path, "rb") else { return [] }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk.prefix(count)
        }
    }
}
