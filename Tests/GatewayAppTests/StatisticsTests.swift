import Alerts
import Testing

@testable import GatewayApp

@Suite struct DayOfActivityTests {
    private static let first: Int64 = 490_000

    private static func key(_ activity: Activity, _ offset: Int64) -> Activity.Key {
        Activity.Key(activity, hour: first + offset)
    }

    @Test func `what fired is counted back from what fires`() {
        let day = DayOfActivity(
            [Self.key(.firing, 1): 3, Self.key(.firing, 2): -1, Self.key(.firing, 3): 2],
            firstHour: Self.first, hoursCount: 5, firingNow: 6)
        #expect(day.hours.map(\.firing) == [2, 5, 4, 6, 6])
        #expect(day.hours[0].startsAt == Timestamp(hour: Self.first))
    }

    @Test func `webhooks are added up by hour and by source`() {
        let (one, two) = (SourceID("src_1"), SourceID("src_2"))
        let day = DayOfActivity(
            [
                Self.key(.taken(one), 0): 4, Self.key(.taken(two), 0): 1,
                Self.key(.taken(two), 2): 7, Self.key(.refused, 2): 3,
            ],
            firstHour: Self.first, hoursCount: 3, firingNow: 0)
        #expect(day.hours.map(\.webhooks) == [5, 0, 7])
        #expect(day.hours.map(\.refused) == [0, 0, 3])
        #expect(day.sources == [one: [4, 0, 0], two: [1, 0, 7]])
    }

    @Test func `hours outside the day are left out, and nothing is less than none`() {
        let day = DayOfActivity(
            [Self.key(.refused, -1): 5, Self.key(.refused, 3): 5, Self.key(.firing, 1): 9],
            firstHour: Self.first, hoursCount: 3, firingNow: 2)
        #expect(day.hours.map(\.refused) == [0, 0, 0])
        #expect(day.hours.map(\.firing) == [0, 2, 2])
    }

    @Test(arguments: [
        Activity.firing, .refused, .taken(SourceID("src_1")), .taken(SourceID("a b taken ")),
    ])
    func `what is counted comes back as it was written`(activity: Activity) {
        #expect(Activity(text: activity.text) == activity)
    }

    @Test(arguments: ["", "taken", "Firing", "refused "])
    func `what was never written is nothing`(text: String) {
        #expect(Activity(text: text) == nil)
    }
}
