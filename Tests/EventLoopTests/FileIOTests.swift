import EventLoop
import Glibc
import Testing

@Suite struct FileIOTests {
    let scratch = ScratchPath()

    @Test func `what was created is read back, and is its owner's alone`() throws {
        let content = Pattern.bytes(70_000)
        try FileIO.create(scratch.path, containing: content)
        #expect(FileIO.exists(scratch.path))
        #expect(FileIO.permissions(of: scratch.path) == 0o600)
        #expect(try FileIO.read(scratch.path, bytesMax: 70_000) == content)
        try FileIO.remove(scratch.path)
        #expect(!FileIO.exists(scratch.path))
    }

    @Test func `a file that exists is not overwritten`() throws {
        try FileIO.create(scratch.path, containing: [1])
        let error = #expect(throws: FileError.self) {
            try FileIO.create(scratch.path, containing: [2])
        }
        #expect(error?.isAlreadyThere == true)
        #expect(try FileIO.read(scratch.path, bytesMax: 10) == [1])
    }

    @Test func `more than the cap is refused`() throws {
        try FileIO.create(scratch.path, containing: [1, 2, 3])
        let error = #expect(throws: FileError.self) {
            try FileIO.read(scratch.path, bytesMax: 2)
        }
        #expect(error?.cause == .tooLarge(bytesMax: 2))
        #expect(error?.description == "\(scratch.path): longer than 2 bytes")
    }

    @Test func `an endless file is refused as well`() {
        #expect(throws: FileError.self) { try FileIO.read("/dev/zero", bytesMax: 1_000_000) }
    }

    @Test func `a missing file says so`() {
        let error = #expect(throws: FileError.self) {
            try FileIO.read(scratch.path, bytesMax: 2)
        }
        #expect(error?.isNotFound == true)
        #expect(error?.description == "\(scratch.path): no such file or directory (ENOENT)")
        #expect(FileIO.permissions(of: scratch.path) == nil)
        #expect(throws: FileError.self) { try FileIO.remove(scratch.path) }
    }

    @Test func `a full disk is an error and leaves no file`() {
        #expect(throws: FileError.self) { try FileIO.create("/dev/full/x", containing: [1]) }
        #expect(throws: FileError.self) { try FileIO.read("/dev/full/x", bytesMax: 1) }
    }

    @Test func `a directory is its owner's alone`() throws {
        try FileIO.makeDirectory(scratch.path)
        #expect(FileIO.permissions(of: scratch.path) == 0o700)
        let error = #expect(throws: FileError.self) { try FileIO.makeDirectory(scratch.path) }
        #expect(error?.isAlreadyThere == true)
    }

    @Test func `a copy is whole, its owner's alone, and overwrites nothing`() throws {
        let content = Pattern.bytes(2_500_000)
        try FileIO.create(scratch.path, containing: content)
        let copy = scratch.path + "-copy"
        defer { try? FileIO.remove(copy) }  // Gone when all went well.
        try FileIO.copy(scratch.path, to: copy)
        #expect(FileIO.permissions(of: copy) == 0o600)
        #expect(FileIO.size(of: copy) == content.count)
        let error = #expect(throws: FileError.self) { try FileIO.copy(scratch.path, to: copy) }
        #expect(error?.isAlreadyThere == true)
        try FileIO.rename(copy, to: scratch.path)
        #expect(try FileIO.read(scratch.path, bytesMax: content.count) == content)
        #expect(FileIO.size(of: copy) == nil)
        let missing = #expect(throws: FileError.self) { try FileIO.synchronize(copy) }
        #expect(missing?.isNotFound == true)
    }
}
