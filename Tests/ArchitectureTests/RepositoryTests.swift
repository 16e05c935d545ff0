import Testing

/// The rules of the house, held against the sources as they stand.
@Suite struct RepositoryTests {
    @Test(arguments: Check.all)
    func `the sources obey`(check: Check) {
        let repository = Repository.current
        for file in repository.files {
            for finding in check.findings(file, repository.requirements) {
                Issue.record(Comment(rawValue: finding.description))
            }
        }
    }

    @Test func `the top level holds only what belongs there`() {
        for finding in Check.strangers(among: Repository.current.topLevel) {
            Issue.record(Comment(rawValue: finding.description))
        }
    }

    @Test(
        arguments: [
            "Package.swift", "Makefile", ".ci/run", "LICENSE", "Sources/CUV/shim.h",
            "Sources/Gateway/Gateway.swift", "Tests/ArchitectureTests/RepositoryTests.swift",
        ]
    )
    func `the checks see the whole repository`(path: String) {
        let file = Repository.current.files.first { $0.path == path }
        #expect(file?.lines.isEmpty == false)
    }
}
