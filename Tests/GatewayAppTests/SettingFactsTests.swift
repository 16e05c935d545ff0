import GatewayApp
import Testing

/// What is told of settings is what the reader does.
@Suite struct SettingFactsTests {
    private func read(_ setting: Setting, _ value: String) throws -> Configuration {
        try ConfigurationReader(
            flags: [:], environment: { $0 == setting.variable ? value : nil },
            readFile: { _ in .failure(.init("no such file")) }
        ).read()
    }

    @Test(arguments: [
        Setting.maxBodyBytes, .retentionDays, .journalBytes, .reconcileSeconds,
    ])
    func `numbers are taken within the bounds that are told, and not beside them`(
        _ setting: Setting
    ) throws {
        let words = setting.facts.values.split(separator: " ")
        let lowest = try #require(Int(words[0]))
        let highest = try #require(Int(words[2]))
        #expect(words[1] == "to" && words.count == 4)
        for number in [lowest, highest] { _ = try read(setting, "\(number)") }
        for number in [lowest - 1, highest + 1] {
            let error = #expect(throws: ConfigurationError.self) {
                try read(setting, "\(number)")
            }
            #expect(error?.variable == setting.variable)
        }
    }

    @Test(arguments: [Setting.logLevel, .logFormat, .metricsOpen])
    func `each word that is told is taken`(_ setting: Setting) throws {
        let words = setting.facts.values.split(separator: "`").enumerated()
            .filter { $0.offset.isMultiple(of: 2) }.map { String($0.element) }
        #expect(words.count >= 2)
        for word in words { _ = try read(setting, word) }
    }

    @Test func `defaults that are values mean what the reader does without any`() throws {
        let bare = Configuration()
        #expect(try read(.listen, plain(.listen)).listen == bare.listen)
        #expect(try read(.store, plain(.store)).store == bare.store)
        #expect(try read(.maxBodyBytes, plain(.maxBodyBytes)).maxBodyBytes == bare.maxBodyBytes)
        #expect(
            try read(.retentionDays, plain(.retentionDays)).retentionDays == bare.retentionDays)
        #expect(try read(.journalBytes, plain(.journalBytes)).journalBytes == bare.journalBytes)
        let interval = try read(.reconcileSeconds, plain(.reconcileSeconds)).reconcileInterval
        #expect(interval == bare.reconcileInterval)
        #expect(try read(.metricsOpen, plain(.metricsOpen)).isMetricsOpen == bare.isMetricsOpen)
        #expect(try read(.logLevel, plain(.logLevel)).logLevel == bare.logLevel)
    }

    private func plain(_ setting: Setting) -> String {
        setting.facts.standard.filter { $0 != "`" }
    }

    @Test(arguments: Setting.allCases)
    func `a setting is told in a sentence that fits a table, and secrets have no flag`(
        _ setting: Setting
    ) {
        let facts = setting.facts
        #expect(facts.meaning.hasSuffix("."))
        #expect(!(facts.meaning + facts.values + facts.standard).contains("|"))
        #expect(SettingFacts.table.contains("\n| `\(setting.variable)` | "))
        #expect(facts.help(for: setting).contains("(\(setting.variable): "))
        #expect(!facts.help(for: setting).contains("`"))
        if setting.isSecret { #expect(facts.flags.allSatisfy { $0.hasSuffix("-file") }) }
    }
}
