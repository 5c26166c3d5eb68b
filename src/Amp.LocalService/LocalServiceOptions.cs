using Amp.LocalService.Scenarios;

namespace Amp.LocalService;

/// <summary>How a <see cref="LocalAmpService"/> is started.</summary>
public sealed record LocalServiceOptions
{
    /// <summary>The port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>What the model says; without rules it gives its default answers.</summary>
    public Scenario Scenario { get; init; } = Scenario.Empty;

    /// <summary>A folder that keeps the threads beyond the life of the service; null keeps them in memory only.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The only API key that is let in; null lets in any.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Makes the user a member of an enterprise workspace, without which the CLI refuses <c>threads visibility</c>.</summary>
    public bool IsEnterprise { get; init; }

    /// <summary>A file, or a folder for <c>requests.jsonl</c>, that every model request is added to.</summary>
    public string? RecordPath { get; init; }

    /// <summary>How many model requests <see cref="LocalAmpService.Requests"/> keeps; very large ones push out more than one.</summary>
    public int RecordedRequests { get; init; } = 256;

    /// <summary>Gets a line for every HTTP request: method, path and status.</summary>
    public Action<string>? Log { get; init; }
}
