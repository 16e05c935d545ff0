import EventLoop
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", ListenAddress.tcp(host: "127.0.0.1", port: 8080)),
        ("0.0.0.0:0", .tcp(host: "0.0.0.0", port: 0)),
        ("[::]:8080", .tcp(host: "::", port: 8080)),
        ("[fe80::1]:65535", .tcp(host: "fe80::1", port: 65535)),
        ("unix:/run/gateway.sock", .unix(path: "/run/gateway.sock")),
    ])
    func `an address is read, and written as it was`(text: String, address: ListenAddress) {
        #expect(ListenAddress(text) == address)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", ":", "8080", "127.0.0.1", "127.0.0.1:", ":8080", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1: 1", "::1:8080", "[]:8080", "[::1]", "unix:",
        "unix:/" + String(repeating: "x", count: 107),
    ])
    func `anything else is no address`(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
