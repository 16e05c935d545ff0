import Testing

@testable import EventLoop

@Suite struct OperatorNameTests {
    @Test(arguments: [
        (nil, 0, "root"), (.max, 1000, "ann"), (1000, 1000, "ann"), (1000, 0, "ann as root"),
        (0, 1000, "root as ann"),
    ])
    func `who signed in is named before whom they act as`(
        login: UInt32?, own: UInt32, expected: String
    ) {
        let name = ProcessEnvironment.operatorName(login: login, own: own) {
            $0 == 0 ? "root" : "ann"
        }
        #expect(name == expected)
    }

    @Test func `this process's user has a name`() {
        #expect(!ProcessEnvironment.operatorName.isEmpty)
        #expect(!ProcessEnvironment.operatorName.contains("\0"))
    }
}
