using System.Text.Json;

namespace Amp.Testing;

/// <summary>A process that a fake CLI started.</summary>
/// <param name="ProcessId">Its id.</param>
/// <param name="Kind">How it was started.</param>
/// <param name="Name">The name the script gave it; its variable AMP_FAKE_CHILD holds it too.</param>
public sealed record FakeCliChild(int ProcessId, string Kind, string Name)
{
    internal static FakeCliChild Read(JsonElement child) => new(
        child.GetProperty("processId").GetInt32(),
        child.GetProperty("kind").GetString()!,
        child.GetProperty("name").GetString()!);
}
