import EventLoop

/// Opens the sockets that the gateway is told to listen on.
@LoopActor
enum Listeners {
    /// Connections that the kernel holds until they are accepted; it cuts the number to its own
    /// bound (listen(2)).
    private static let backlog = 1024
    /// The first descriptor that systemd hands down (sd_listen_fds(3)).
    private static let firstInherited: Int32 = 3

    /// The public listener: handed down by a service manager, else opened.
    static func forWebhooks(_ address: ListenAddress) throws(ConfigurationError) -> Listener {
        if let inherited = try inherited() { return inherited }
        return try open(address, for: .listen)
    }

    /// Opens the listener of a setting.
    static func open(
        _ address: ListenAddress, for setting: Setting
    ) throws(ConfigurationError) -> Listener {
        do throws(UVError) {
            switch address {
            case .tcp(let host, let port):
                return try Listener.tcp(host: host, port: port, backlog: backlog)
            case .unix(let path):
                return try Listener.unix(path: path, backlog: backlog)
            }
        } catch {
            throw ConfigurationError(
                setting.variable, "can't listen on \(address): \(error.message) (\(error.name))")
        }
    }

    /// Takes over the socket that a service manager opened for this process, if it opened one.
    ///
    /// Source: sd_listen_fds(3): `LISTEN_PID` must be ours, `LISTEN_FDS` says how many.
    private static func inherited() throws(ConfigurationError) -> Listener? {
        guard let count = ProcessEnvironment.value("LISTEN_FDS").flatMap({ Int($0) }), count > 0,
            ProcessEnvironment.value("LISTEN_PID") == String(ProcessEnvironment.processID)
        else { return nil }
        guard count == 1 else {
            throw ConfigurationError(
                "LISTEN_FDS", "the service manager handed down \(count) sockets; one is expected")
        }
        do throws(UVError) {
            return try Listener.inherited(descriptor: firstInherited)
        } catch {
            throw ConfigurationError(
                "LISTEN_FDS", "the socket handed down can't be used: \(error.message)")
        }
    }
}
