using System.Collections.Specialized;
using Amp.Text;

namespace Amp;

/// <summary>A run in a transcript, with the information at its start. Plain output of the CLI and exported threads contain only some of it.</summary>
public sealed record TranscriptRun
{
    /// <summary>The ID of the run in its transcripts; empty if the file has none.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>The time of the start; null if it is unknown.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Whether the run belongs to a session, so that it can have several prompts.</summary>
    public bool IsSession { get; init; }

    /// <summary>The version of the CLI.</summary>
    public string? CliVersion { get; init; }

    /// <summary>The version of the library that wrote the transcript.</summary>
    public string? SdkVersion { get; init; }

    /// <summary>The name of the computer that wrote the transcript.</summary>
    public string? HostName { get; init; }

    /// <summary>The name of the host on which the agent worked, as the caller gave it; null for the computer that wrote the transcript.</summary>
    public string? AgentHost { get; init; }

    /// <summary>The name of the user.</summary>
    public string? UserName { get; init; }

    /// <summary>The folder in which the agent worked.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The prompt; its hash and length (<see cref="Content"/>); or null for a conversation.</summary>
    public string? Prompt { get; init; }

    /// <summary>The SHA-256 of the prompt in UTF-8, in hexadecimal digits; null for a conversation.</summary>
    public string? PromptHash { get; init; }

    /// <summary>The title that was requested for the thread.</summary>
    public string? Title { get; init; }

    /// <summary>The labels that were requested for the thread.</summary>
    public IReadOnlyList<string> Labels { get; init; } = ReadableList<string>.None;

    /// <summary>The options of the run that were set, without secrets.</summary>
    public OrderedDictionary Options { get; init; } = [];

    /// <summary>What the transcript keeps of the prompt and the messages.</summary>
    public TranscriptContent Content { get; init; }

    /// <summary>The file that the run was read from, or is written to.</summary>
    public string? Path { get; init; }

    /// <summary>The process that wrote the transcript.</summary>
    internal string? Owner { get; init; }

    /// <summary>The names of toolbox tools that the library offered.</summary>
    internal IReadOnlyList<string> ToolboxTools { get; init; } = [];

    /// <summary>Returns the ID, and the prompt if there is one.</summary>
    public override string ToString() => Prompt is null ? Id : $"{Id}: {Prompt}";
}

/// <summary>How a recorded run ended.</summary>
public sealed record TranscriptEnd
{
    /// <summary>The outcome.</summary>
    public ResultOutcome Outcome { get; init; }

    /// <summary>The thread; null if no thread had started.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The exit code of the CLI; null if a signal terminated the CLI.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that terminated the CLI, such as <c>SIGKILL</c>; null for none.</summary>
    public string? Signal { get; init; }

    /// <summary>The error of the run, one of <see cref="AmpErrorId"/>; null if there was none.</summary>
    public string? ErrorId { get; init; }

    /// <summary>The error as text; null if there was none.</summary>
    public string? Error { get; init; }

    /// <summary>The end of the CLI's standard error, without secrets.</summary>
    public string StandardError { get; init; } = string.Empty;

    /// <summary>The time from the start to the end of the run.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The end of a run whose transcript stops before it.</summary>
    internal static TranscriptEnd Interrupted { get; } = new()
    {
        Outcome = ResultOutcome.Failed,
        ErrorId = AmpErrorId.CliTerminated,
        Error = "The transcript stops before the end of the run. The run is still active, or its process was killed.",
    };

    /// <summary>Makes a result for a run that gave none, so that every run in a list has one.</summary>
    internal ErrorResultMessage ToResult(TranscriptRun run, DateTimeOffset? time)
    {
        ErrorResultMessage result = ErrorResultMessage.FromFailure(
            ErrorId == AmpErrorId.Canceled ? new AmpCanceledException(CancellationToken.None) : new AmpException(Error ?? "The run ended without a result.", ErrorId ?? AmpErrorId.CliFailed),
            ThreadId);
        result.TimeTicks = time?.UtcTicks ?? 0;
        result.Source = run;
        return result;
    }

    /// <summary>Returns the outcome, and the error if there was one.</summary>
    public override string ToString() => ErrorId is null ? $"{Outcome}" : $"{Outcome}: {ErrorId}";
}
