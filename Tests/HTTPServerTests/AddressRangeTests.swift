import Testing

@testable import HTTPServer

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.8", false),
        ("0.0.0.0/0", "8.8.8.8", true), ("fd00::/8", "fd12:3456::1", true),
        ("fd00::/8", "fe80::1", false), ("::1", "::1", true),
        ("127.0.0.0/8", "::ffff:127.0.0.1", true), ("::/0", "10.0.0.1", false),
    ])
    func `an address is in a range by its first bits`(
        range: String, address: String, expected: Bool
    ) throws {
        #expect(try #require(AddressRange(range)).contains(address) == expected)
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0/8", "10.0.0.256", "1.2.3.4/", "1.2.3.4/-1", "::1/129",
        "1::2::3", ":1", "12345::", "host", "1.2.3.4/8/8", "1:2:3:4:5:6:7:8:9",
    ])
    func `what is no range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}

@Suite struct IPAddressTests {
    @Test(arguments: [
        "0.0.0.0", "203.0.113.9", "::", "::1", "1::", "2001:db8::1", "2001:db8:0:1:1:1:1:1",
        "1:0:0:2::3", "2001:db8::a:0:0:1", "1:2:3:4:5:6:7:8", "fe80::ffff:0:1",
    ])
    func `an address is written as it is written best`(text: String) throws {
        #expect(IPAddress.text(of: try #require(IPAddress.bytes(of: text))) == text)
    }

    @Test func `a mapped address is the one it stands for`() {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7]
        #expect(IPAddress.text(of: mapped, port: 5) == "192.0.2.7:5")
    }

    @Test(arguments: [
        ("192.0.2.7:5", "192.0.2.7"), ("[2001:db8::1]:5", "2001:db8::1"), ("[::1]", "::1"),
        ("192.0.2.7", "192.0.2.7"), ("2001:db8::1", "2001:db8::1"), ("unix", "unix"),
        ("[::1", "[::1"), ("", ""),
    ])
    func `a port is taken off`(text: String, expected: String) {
        #expect(IPAddress.withoutPort(text) == expected)
    }
}
