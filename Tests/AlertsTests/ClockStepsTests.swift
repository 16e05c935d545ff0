import Alerts
import Testing

@Suite struct ClockStepsTests {
    @Test func `a clock that is set back or forward is noticed, once`() {
        var steps = ClockSteps()
        let start = ContinuousClock.now
        func step(wall: Double, steady: Double) -> Duration {
            steps.step(wall: Samples.at(wall), steady: start + .seconds(steady))
        }
        #expect(step(wall: 0, steady: 0) == .zero)
        #expect(step(wall: 5, steady: 5) == .zero)
        #expect(step(wall: -3590, steady: 10) == .seconds(-3600))
        #expect(step(wall: -3585, steady: 15) == .zero)
        #expect(step(wall: 20, steady: 20) == .seconds(3600))
        #expect(step(wall: 25, steady: 25) == .zero)
    }

    @Test(arguments: [-4.0, -0.5, 0.5, 4])
    func `small steps keep a clock right and are none`(seconds: Double) {
        var steps = ClockSteps()
        let start = ContinuousClock.now
        #expect(steps.step(wall: Samples.at(0), steady: start) == .zero)
        let wall = Samples.at(10 + seconds)
        #expect(steps.step(wall: wall, steady: start + .seconds(10)) == .zero)
    }
}
