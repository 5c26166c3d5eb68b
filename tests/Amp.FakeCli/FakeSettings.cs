namespace Amp.FakeCli;

/// <summary>What the <c>AMP_FAKE_*</c> variables say.</summary>
internal sealed class FakeSettings
{
    private const string MarchVersion = "0.0.1774310664-gcb98ac (released 2026-03-24T00:08:19.172Z, 8mo ago)";

    public string? ScriptPath { get; private init; }

    public string? LogFolder { get; private init; }

    public string? SessionId { get; private init; }

    public string? HelpPath { get; private init; }

    public string Version { get; private init; } = MarchVersion;

    public string[] RejectedOptions { get; private init; } = [];

    public string[] HangingCalls { get; private init; } = [];

    public bool AsksForLogin { get; private init; }

    public static FakeSettings FromEnvironment() => new()
    {
        ScriptPath = Get("AMP_FAKE_SCRIPT"),
        LogFolder = Get("AMP_FAKE_LOG"),
        SessionId = Get("AMP_FAKE_SESSION"),
        HelpPath = Get("AMP_FAKE_HELP"),
        Version = Get("AMP_FAKE_VERSION") ?? MarchVersion,
        RejectedOptions = GetList("AMP_FAKE_REJECT"),
        HangingCalls = GetList("AMP_FAKE_HANG"),
        AsksForLogin = Get("AMP_FAKE_LOGIN") == "1",
    };

    private static string? Get(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static string[] GetList(string name) =>
        Get(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
