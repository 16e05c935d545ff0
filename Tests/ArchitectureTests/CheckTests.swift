import Testing

/// A check that never fires holds nothing, and one that fires too often is switched off.
@Suite struct CheckTests {
    @Test(arguments: Sample.imports)
    func `imports`(sample: Sample) { #expect(sample.foundLines() == sample.lines) }

    @Test(arguments: Sample.boundary)
    func `the boundary to C`(sample: Sample) { #expect(sample.foundLines() == sample.lines) }

    @Test(arguments: Sample.banned)
    func `banned calls`(sample: Sample) { #expect(sample.foundLines().sorted() == sample.lines) }

    @Test(arguments: Sample.sizes)
    func `sizes`(sample: Sample) { #expect(sample.foundLines() == sample.lines) }

    @Test(arguments: Sample.documentation)
    func `documentation`(sample: Sample) { #expect(sample.foundLines() == sample.lines) }

    @Test(arguments: Sample.text)
    func `text`(sample: Sample) { #expect(sample.foundLines().sorted() == sample.lines) }

    @Test func `each check has a sample that it finds and one that it leaves alone`() {
        let samples =
            Sample.imports + Sample.boundary + Sample.banned + Sample.sizes + Sample.documentation
            + Sample.text
        for check in Check.all {
            let own = samples.filter { $0.check.rule == check.rule }
            #expect(own.contains { !$0.lines.isEmpty }, "\(check.rule): no bad sample")
            #expect(own.contains { $0.lines.isEmpty }, "\(check.rule): no good sample")
        }
    }

    @Test func `each banned phrase fires`() {
        for phrase in BannedPhrase.all {
            let text = phrase.words.joined(separator: " ")
            let sample = Sample(.bannedCallsAreAbsent, text, [1])
            #expect(sample.foundLines().contains(1), "\(text)")
        }
    }

    @Test func `strangers at the top level are found`() {
        let names = ["Sources", ".build", "scripts", "README.md", "notes.txt"]
        #expect(Check.strangers(among: names).map(\.path) == ["scripts", "notes.txt"])
    }

    @Test func `a finding says where and what to do`() {
        let file = SourceFile(path: "Sources/GatewayApp/A.swift", text: "\nprint(a)")
        let findings = Check.bannedCallsAreAbsent.findings(file, ProtocolRequirements())
        #expect(
            findings.map(\.description) == [
                "Sources/GatewayApp/A.swift:2: no 'print(' here: write through the log, or the "
                    + "command's terminal"
            ])
    }
}
