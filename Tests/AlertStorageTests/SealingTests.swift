import Alerts
import FileTesting
import GatewayTesting
import SQLite
import TLS
import Testing

@testable import AlertStorage

@Suite struct SealingTests {
    typealias Sample = StoreContract.Sample

    let fixture = Fixture()

    @Test func `another master key is refused when the store is opened`() async throws {
        await (try await fixture.openFilled()).close()
        let before = fixture.digests()["gateway.db"]
        let other = Secret(String(repeating: "x", count: 32))
        let error = await fixture.openingError(masterKey: other)
        #expect(error?.kind == .wrongMasterKey)
        #expect(error?.isRetryable == false)
        #expect(fixture.digests()["gateway.db"] == before)
        await (try await fixture.open()).close()
    }

    @Test(arguments: [0, 16, 31, 33])
    func `a master key of another length than 32 bytes is refused`(count: Int) async throws {
        let error = await fixture.openingError(
            masterKey: Secret(String(repeating: "k", count: count)))
        #expect(error?.kind == .wrongMasterKey)
        #expect(error?.message.contains("\(count) bytes") == true)
        #expect(fixture.directory.names.isEmpty)
    }

    @Test func `neither key nor master key is in any file`() async throws {
        let store = try await fixture.open()
        let key = APIKey("BPU-planted-0123456789")
        try await store.insert(Sample.integration(), key: key)
        #expect(fixture.find(key.secretText) == [])
        #expect(fixture.find("planted") == [])
        #expect(fixture.find(String(repeating: "k", count: 32)) == [])
        // The search itself works.
        #expect(fixture.find("Production") != [])
        #expect(try await store.apiKey(of: Sample.integrationID) == key)
        await store.close()
        #expect(fixture.find("planted") == [])
    }

    @Test func `a sealed key put in another integration's place is refused`() async throws {
        let store = try await fixture.open()
        let other = IntegrationID("int_2")
        try await store.insert(Sample.integration(), key: APIKey("BPU-1"))
        try await store.insert(Sample.integration(other, name: "B"), key: APIKey("BPU-2"))
        try await store.withWriterConnection { connection throws(SQLiteError) in
            try connection.execute(
                """
                UPDATE integrations SET sealed_key =
                    (SELECT sealed_key FROM integrations WHERE id = 'int_1')
                """)
        }
        #expect(try await store.apiKey(of: Sample.integrationID) == APIKey("BPU-1"))
        let error = await #expect(throws: StoreError.self) { try await store.apiKey(of: other) }
        #expect(error?.kind == .corrupt)
        await store.close()
    }

    @Test func `a record says which master key it wants`() throws {
        let first = try KeySealer(masterKey: Secret(String(repeating: "a", count: 32)))
        let second = try KeySealer(masterKey: Secret(String(repeating: "b", count: 32)))
        let record = try first.seal(APIKey("BPU-1"), for: Sample.integrationID)
        #expect(try first.open(record, for: Sample.integrationID) == APIKey("BPU-1"))
        let error = #expect(throws: StoreError.self) {
            try second.open(record, for: Sample.integrationID)
        }
        #expect(error?.kind == .wrongMasterKey)
    }

    @Test(arguments: [[], [1], [2] + [UInt8](repeating: 0, count: 60)] as [[UInt8]])
    func `a record of no known format is damage`(record: [UInt8]) throws {
        let sealer = try KeySealer(masterKey: Secret(String(repeating: "a", count: 32)))
        let error = #expect(throws: StoreError.self) {
            try sealer.open(record, for: Sample.integrationID)
        }
        #expect(error?.kind == .corrupt)
    }
}

extension Fixture {
    /// The files that hold `text`.
    fileprivate func find(_ text: String) -> [String] {
        let needle = Array(text.utf8)
        return directory.names.filter { name in
            let bytes = directory.read(name)
            return bytes.indices.contains { index in
                bytes[index] == needle[0] && bytes[index...].starts(with: needle)
            }
        }
    }
}
