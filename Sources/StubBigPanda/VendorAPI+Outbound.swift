import HTTPServer
import JSON

// Webhook v2 integrations: kept and shown as they were put in, but posted to by none.
extension VendorAPI {
    func addOutbound(to routes: inout HTTPRoutes) {
        let all = "/resources/v2.1/integrations"
        let one = "\(all)/{integration}"
        add(.get, all, .any, to: &routes) { [world] (_) throws(StubRefusal) in
            .tree(.array(world.outbound.map(\.tree)))
        }
        add(.post, all, .any, to: &routes, createOutbound)
        add(.get, one, .any, to: &routes) { [self] (call) throws(StubRefusal) in
            .tree(world.outbound[try place(of: call)].tree)
        }
        add(.patch, one, .any, to: &routes, changeOutbound)
    }

    private func createOutbound(_ call: VendorCall) throws(StubRefusal) -> HTTPResponse {
        let tree = try body(of: call)
        guard let name = tree["name"]?.string, tree["parent_system_id"]?.string == "webhook_v2",
            tree["workflow_config"]?["config"]?["base_url"]?.string != nil,
            tree["workflow_config"]?["events"]?.array != nil
        else { throw StubRefusal(400, "name, parent_system_id and workflow_config are required") }
        guard world.outbound.count < StubLimits.outboundMax else {
            throw StubRefusal(400, "too many integrations")
        }
        let id = "webhook_v2.\(name)"
        guard !world.outbound.contains(where: { $0.id == id }) else {
            throw StubRefusal(400, "there is an integration with this name")
        }
        let kept = JSONTree.object(
            [JSONTree.Member("id", .string(id))] + (tree.object ?? []))
        world.outbound.append((id, kept))
        return .tree(kept, status: .created)
    }

    private func changeOutbound(_ call: VendorCall) throws(StubRefusal) -> HTTPResponse {
        let place = try place(of: call)
        guard let changed = try body(of: call)["workflow_config"], changed.object != nil else {
            throw StubRefusal(400, "workflow_config is required")
        }
        let members = (world.outbound[place].tree.object ?? []).map { member in
            member.name == "workflow_config" ? JSONTree.Member(member.name, changed) : member
        }
        world.outbound[place].tree = .object(members)
        return .tree(world.outbound[place].tree)
    }

    private func place(of call: VendorCall) throws(StubRefusal) -> Int {
        let place = world.outbound.firstIndex { $0.id == call.parameters["integration"] }
        guard let place else { throw .notFound("integration") }
        return place
    }

    private func body(of call: VendorCall) throws(StubRefusal) -> JSONTree {
        do throws(JSONError) {
            return try JSONTree(parsing: call.request.body)
        } catch {
            throw StubRefusal(400, "the body is not JSON: \(error)")
        }
    }
}
