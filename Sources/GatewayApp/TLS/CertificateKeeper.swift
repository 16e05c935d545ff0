import Alerts
import EventLoop
import HTTPServer
import Logging
import TLS

/// Keeps the public listener's certificate fresh: looks at its files, warns before it ends.
///
/// A pair that can't be used changes nothing but the log and `/readyz`: what was served before is
/// served on. Kept alive by the service; ended by `stop`.
@LoopActor
final class CertificateKeeper {
    /// What an operator has to know; nil when all is well.
    var problem: String? { fileProblem ?? expiry.words(at: clock.now) }
    /// When the certificate that is served ends.
    var end: Timestamp { expiry.end }

    private let files: TLSFiles
    /// What is served with now.
    private var context: TLSContext
    private var server: HTTPServer?
    private let reader: CertificateFileReader
    private let log: Logger
    private let clock: WallClock
    private let timer = Timer()
    private var hangUp: SignalWatcher?
    private var expiry: CertificateExpiry
    private var fileProblem: String?
    /// What the files held when they were last used, or found to be of no use.
    private var fingerprint: [UInt8]
    /// What was of no use at the last look; told when it is still there at the next.
    private var doubted: String?
    private var ticketKeyEnd: Duration
    private var isReading = false
    private var isStopped = false

    /// How often the files are looked at: renewed certificates are served some seconds later, and
    /// a look costs three small reads.
    private static let lookInterval = Duration.seconds(5)

    /// Reads the files, and looks at them from here on.
    ///
    /// - Throws: What is wrong with them, by setting and file.
    init(
        _ files: TLSFiles, clock: WallClock, log: Logger
    ) throws(ConfigurationError) {
        self.files = files
        self.clock = clock
        self.log = log
        let content = try files.read()
        let context = try files.context(content)
        self.context = context
        fingerprint = content.fingerprint
        expiry = CertificateExpiry(context, at: clock.now)
        ticketKeyEnd = LoopActor.executor.now + TLSLimits.ticketKeyDuration
        do throws(UVError) {
            reader = CertificateFileReader(files, thread: try WorkerThread())
            hangUp = try SignalWatcher(.hangUp) { [weak self] in self?.look(isAsked: true) }
        } catch {
            throw ConfigurationError(
                Setting.tlsCertificate.variable, "can't be watched: \(error.message)")
        }
        if KeyFile.exposure(of: files.key) == .others {
            log.warning(
                "Everybody can read the key of the TLS certificate.",
                metadata: ["file": "\(files.key)"])
        }
        tellExpiry()
        schedule()
    }

    /// Lets the server speak TLS, and keeps it informed.
    func serve(on server: HTTPServer) {
        self.server = server
        server.tls = context
    }

    /// Looks no more.
    func stop() {
        isStopped = true
        timer.stop()
        hangUp = nil
        if !isReading { reader.stop() }
    }

    private func schedule() {
        timer.start(after: Self.lookInterval) { [weak self] in
            self?.look(isAsked: false)
            self?.rotateTicketKeys(at: LoopActor.executor.now)
            self?.tellExpiry()
            self?.schedule()
        }
    }

    private func look(isAsked: Bool) {
        guard !isReading else { return }
        isReading = true
        let reader = reader
        LoopActor.spawn { [self] in
            do throws(ConfigurationError) {
                let content = try await reader.read()
                try take(content, isAsked: isAsked)
            } catch {
                doubt("\(error)", isAsked: isAsked)
            }
            isReading = false
            if isStopped { reader.stop() }
        }
    }

    private func take(
        _ content: TLSFiles.Content, isAsked: Bool
    ) throws(ConfigurationError) {
        let found = content.fingerprint
        guard found != fingerprint || isAsked || fileProblem != nil || doubted != nil else {
            return
        }
        let fresh = try files.context(content)
        doubted = nil
        fileProblem = nil
        // The same again, such as after a bad pair was taken back.
        guard found != fingerprint || isAsked else { return }
        fingerprint = found
        context = fresh
        expiry = CertificateExpiry(fresh, at: clock.now)
        ticketKeyEnd = LoopActor.executor.now + TLSLimits.ticketKeyDuration
        log.notice(
            "The TLS certificate was read again.",
            metadata: ["days_left": "\(expiry.daysLeft(at: clock.now))"])
        server?.tls = fresh
        tellExpiry()
    }

    /// Between the writing of a certificate and of its key, the two don't match; so what nobody
    /// asked to read is told only when it is the same at the next look.
    private func doubt(_ problem: String, isAsked: Bool) {
        defer { doubted = problem }
        guard isAsked || doubted == problem, fileProblem != problem else { return }
        fileProblem = problem
        log.error(
            "The TLS files can't be used; the certificate read before is served on.",
            metadata: ["problem": "\(problem)"])
    }

    /// Replaces the key that seals tickets once its time is up.
    func rotateTicketKeys(at now: Duration) {
        guard now >= ticketKeyEnd, context.rotateTicketKeys() else { return }
        ticketKeyEnd = now + TLSLimits.ticketKeyDuration
    }

    private func tellExpiry() {
        guard let words = expiry.news(at: clock.now) else { return }
        log.warning("The TLS certificate has to be renewed.", metadata: ["problem": "\(words)"])
    }
}
