extension RequestFields {
    /// Reads the order of a fault.
    func fault() throws(StubRefusal) -> Fault {
        guard let on = try choice("on", of: Fault.Place.self),
            let kind = try choice("kind", of: Fault.Kind.self)
        else { throw StubRefusal(400, "a fault needs on and kind") }
        var fault = try fault(kind, on: on)
        if let times = try integer("times", in: 0...1_000_000) { fault.times = Int(times) }
        fault.key = try string("key")
        if kind == .mix { fault.mix = try mix(on: on) }
        return fault
    }

    private func fault(_ kind: Fault.Kind, on: Fault.Place) throws(StubRefusal) -> Fault {
        var fault = Fault(on: on, kind: kind)
        if let status = try integer("status", in: 200...599) { fault.statusCode = Int(status) }
        fault.retryAfter = try string("retry_after")
        let delays = 0...StubLimits.delayMillisecondsMax
        if let delay = try integer("delay_ms", in: delays) { fault.delayMilliseconds = delay }
        return fault
    }

    private func mix(on: Fault.Place) throws(StubRefusal) -> FaultMix {
        let seed = try integer("seed", in: Int64.min...Int64.max) ?? 0
        guard let parts = try objects("parts"), !parts.isEmpty,
            parts.count <= StubLimits.faultsMax
        else { throw StubRefusal(400, "a mix needs parts") }
        return FaultMix(
            seed: seed,
            parts: try parts.map { (part) throws(StubRefusal) in
                guard let kind = try part.choice("kind", of: Fault.Kind.self),
                    let weight = try part.integer("weight", in: 1...1_000_000)
                else { throw StubRefusal(400, "a part needs kind and weight") }
                return FaultMix.Part(weight: weight, fault: try part.fault(kind, on: on))
            })
    }
}
