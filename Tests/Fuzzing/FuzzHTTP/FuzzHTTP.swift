import EventLoop
import FuzzDriver

@testable import HTTPServer

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    unsafe FuzzDriver.runOnLoop(bytes, count) { FuzzHTTP.check($0) }
}

/// Request heads and bodies, cut where the fuzzer likes.
///
/// The input's first byte says how often the rest is cut, in its lowest three bits, and with its
/// highest three that it is also sent byte by byte, which takes long and so is seldom done; as many
/// bytes follow, the lengths of the pieces.
@LoopActor
enum FuzzHTTP {
    static func check(_ input: [UInt8]) {
        let (pieces, isPlayedByteByByte) = split(input)
        let whole = play([Array(pieces.joined())])
        check(play(pieces), against: whole)
        if isPlayedByteByByte { check(play(pieces.joined().map { [$0] }), against: whole) }
    }

    private static let bench = FuzzBench()
    /// More than this in single bytes tells nothing new and takes long.
    private static let singleBytesMax = 2_000

    private static func split(_ input: [UInt8]) -> (pieces: [[UInt8]], isPlayedByteByByte: Bool) {
        guard let first = input.first else { return ([], false) }
        let cuts = Int(first & 7)
        let lengths = input.dropFirst().prefix(cuts)
        var rest = input.dropFirst(1 + cuts)
        var pieces: [[UInt8]] = []
        for length in lengths {
            pieces.append(Array(rest.prefix(Int(length) + 1)))
            rest = rest.dropFirst(Int(length) + 1)
        }
        pieces.append(Array(rest))
        return (pieces, first & 0xe0 == 0xe0 && rest.count <= singleBytesMax)
    }

    private static func play(_ pieces: [[UInt8]]) -> Outcome {
        let faultsBefore = bench.faultCount
        let transport = bench.connect()
        for piece in pieces { transport.receive(piece) }
        transport.receiveEnd()
        promise(transport.isClosing, "a peer that ended has its connection closed")
        promise(bench.server.connectionsOpen == 0, "no connection is left")
        let server = bench.server
        let bytes =
            server.headBytes + server.pipelinedBytes + server.smallBodiesBytes
            + server.largeBodiesBytes + server.unsentBytes
        promise(bytes == 0, "no memory is left accounted for")
        let outcome = Outcome(
            answers: WrittenAnswers(transport.written).statuses, handled: bench.takeHandled(),
            hasFault: bench.faultCount > faultsBefore)
        promise(
            outcome.answers.allSatisfy { (200..<500).contains($0) }, "\(outcome.answers) answered")
        promise(
            outcome.answers.count(where: { $0 == 200 }) == outcome.handled.count,
            "what is handled is answered, and nothing else with 200")
        return outcome
    }

    /// Content that comes with the head of a refused request is skipped; in pieces it isn't here
    /// yet, and the refusal is the last answer.
    private static func check(_ cut: Outcome, against whole: Outcome) {
        if cut == whole { return }
        let isRefusal = [204, 400, 404, 405, 417].contains(cut.answers.last)
        promise(isRefusal && !cut.hasFault, "\(whole) whole, but cut \(cut)")
        promise(whole.answers.starts(with: cut.answers), "\(whole) whole, but cut \(cut)")
        promise(whole.handled.starts(with: cut.handled), "\(whole) whole, but cut \(cut)")
    }
}

/// What came of some bytes.
struct Outcome: Equatable {
    /// The statuses, interim ones left out.
    var answers: [Int]
    var handled: [Handled]
    /// Whether it ended with something that can't be read.
    var hasFault: Bool
}

/// A request as its handler saw it.
struct Handled: Equatable {
    var head: [UInt8]
    var body: [UInt8]
}
