using System.Management.Automation;
using System.Runtime.ExceptionServices;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// The base class of all cmdlets that wait for a CLI, with one token that ends the wait and one place that converts failures to error
/// records.
/// </summary>
/// <remarks>
/// For Ctrl+C, PowerShell calls <see cref="StopProcessing"/> on another thread. An early end of the pipeline (<c>Select-Object -First
/// 1</c>, a downstream error, <c>break</c>) is only an exception from <c>WriteObject</c>. Therefore, cleanup is in <c>finally</c> blocks,
/// which run in both cases, and stopping only cancels the token.
/// </remarks>
public abstract class AmpCmdlet : PSCmdlet, IRunStreams, IDisposable
{
    private static readonly string[] s_transcriptEndings = [".ndjson", ".jsonl"];

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Canceled when the pipeline is stopped.</summary>
    protected CancellationToken StopToken => _stop.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Removes the secrets of a run from a text. Before a run exists, only patterns of secrets are removed.</summary>
    internal Func<string, string> Redact { get; set; } = TerminalText.WithoutSecrets;

    /// <summary>The first stop by a preference, such as <c>-WarningAction Stop</c>, that a stream of this cmdlet has thrown; null if there is none.</summary>
    internal ExceptionDispatchInfo? StopByPreference { get; private set; }

    /// <summary>Writes a warning without control sequences and secrets, because it may quote the model.</summary>
    public new void WriteWarning(string? text) => Noting(() => base.WriteWarning(Clean(text)));

    /// <summary>Writes a verbose message, without control sequences and secrets.</summary>
    public new void WriteVerbose(string? text) => Noting(() => base.WriteVerbose(Clean(text)));

    /// <summary>Writes a debug message, without control sequences and secrets.</summary>
    public new void WriteDebug(string? text) => Noting(() => base.WriteDebug(Clean(text)));

    /// <summary>Supports -WhatIf and -Confirm, with a target that is safe to show, in one line: names in it come from others.</summary>
    public new bool ShouldProcess(string? target, string? action) => base.ShouldProcess(OneLine(target), Clean(action));

    /// <summary>Supports -WhatIf and -Confirm, with texts that are safe to show.</summary>
    public new bool ShouldProcess(string? verboseDescription, string? verboseWarning, string? caption) =>
        base.ShouldProcess(Clean(verboseDescription), Clean(verboseWarning), Clean(caption));

    /// <summary>Asks for confirmation, with texts that are safe to show.</summary>
    public new bool ShouldContinue(string? query, string? caption, ref bool yesToAll, ref bool noToAll) =>
        base.ShouldContinue(Clean(query), Clean(caption), ref yesToAll, ref noToAll);

    Func<string, string> IRunStreams.Redact
    {
        get => Redact;
        set => Redact = value;
    }

    bool IRunStreams.ShowsInformation => !Preference.IsSilent(this, "InformationAction", "InformationPreference");

    void IRunStreams.ShowProgress(ProgressRecord progress) => CommandRuntime.WriteProgress(progress.ActivityId, progress);

    void IRunStreams.TakeProgressAway(ProgressRecord end)
    {
        try
        {
            CommandRuntime.WriteProgress(end.ActivityId, end);
        }
        catch (Exception exception) when (exception is PipelineStoppedException or InvalidOperationException)
        {
            // A pipeline that is being stopped accepts nothing from its cmdlets, and its host would show the progress forever.
            Host?.UI.WriteProgress(end.ActivityId, end);
        }
    }

    /// <summary>Refuses work that is not a run while a replay is active.</summary>
    /// <exception cref="AmpValidationException">A replay is active.</exception>
    private protected void RefuseReplay()
    {
        if (RunspaceState.Current.Replay is not null)
        {
            throw new AmpValidationException(
                $"{MyInvocation.MyCommand.Name} is not a run of the agent, so the active replay cannot answer it.",
                MyInvocation.MyCommand.Name,
                "Replace the command in your test, for example with Pester's Mock, or call it outside of Use-AmpReplay.",
                errorId: AmpErrorId.NotReplayed);
        }
    }

    /// <summary>The line of the call, without secrets, for the job that it starts.</summary>
    private protected string CommandLine => Clean(string.IsNullOrWhiteSpace(MyInvocation.Line) ? MyInvocation.InvocationName : MyInvocation.Line.Trim());

    /// <summary>A text without control sequences and secrets. The order matters: a control sequence inside a secret would hide it.</summary>
    internal static string Clean(string? text, Func<string, string> redact) => text is null ? string.Empty : redact(TerminalText.Strip(text));

    private string Clean(string? text) => Clean(text, Redact);

    // The order as above.
    private string OneLine(string? text) => TerminalText.Name(Clean(text));

    // Work for a run may write, and its exceptions go to the run, where the stop would be lost.
    private void Noting(Action write)
    {
        try
        {
            write();
        }
        catch (PipelineStoppedException exception) when (!Stopping)
        {
            // PowerShell keeps the reason, and throws this.
            StopByPreference ??= ExceptionDispatchInfo.Capture(exception);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void BeginProcessing() => OrThrow(() =>
    {
        // First: every record refers to them.
        HiddenSecrets.Hide(this);
        GivenNull.Refuse(this);
    });

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The pipeline thread was faster and has already disposed it.
        }
    }

    /// <summary>Disposes the token.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    /// <summary>Waits for work that must complete before anything is written. A failure is a terminating error.</summary>
    protected T WaitOrThrow<T>(Func<CancellationToken, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return OrThrow(() => work(StopToken).GetAwaiter().GetResult());
    }

    /// <summary>Does work. A failure is a terminating error.</summary>
    protected T OrThrow<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return work();
        }
        catch (AmpCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (AmpException exception)
        {
            ThrowTerminatingError(AmpErrorRecord.Of(exception));
            throw;
        }
    }

    /// <summary>Does work. A failure is written as an error, and the pipeline continues.</summary>
    /// <param name="work">The work. It must not write to the pipeline, because errors of downstream cmdlets must not be caught.</param>
    /// <param name="outcome">The result of the work.</param>
    /// <param name="target">The object, for the error where it names none itself.</param>
    /// <returns>False where an error was written instead.</returns>
    protected bool TryWork<T>(Func<T> work, out T? outcome, object? target = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        AmpException failure;
        try
        {
            outcome = work();
            return true;
        }
        catch (AmpCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (AmpException exception)
        {
            outcome = default;
            failure = exception;
        }

        // Outside the block, because this throws with -ErrorAction Stop.
        WriteError(AmpErrorRecord.Of(failure, target));
        return false;
    }

    /// <summary>Writes an error if a piped object gives null for one of the parameters. The next object is processed. Call this once for each object.</summary>
    /// <returns>True if an error was written.</returns>
    private protected bool HasPipedNull(params string[] parameterNames) => !TryWork(
        () =>
        {
            GivenNull.RefusePiped(this, parameterNames);
            return true;
        },
        out _);

    /// <summary>Writes an object and remembers its name for completion.</summary>
    protected void WriteSeen(object? written)
    {
        RunspaceState.Current.Seen.Note(written);
        WriteObject(written);
    }

    /// <summary>Does synchronous work without a result. A failure is a terminating error.</summary>
    protected void OrThrow(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        OrThrow(() =>
        {
            work();
            return true;
        });
    }

    /// <summary>Throws a terminating error for a value that cannot be used.</summary>
    protected void Refuse(string message, string parameterName, string wayOut) =>
        ThrowTerminatingError(AmpErrorRecord.Of(new AmpValidationException(message, parameterName, wayOut)));

    /// <summary>
    /// Resolves a path that the user typed, relative to PowerShell's location or on a PowerShell drive, to a full path of the file system.
    /// </summary>
    /// <exception cref="AmpValidationException">The path is not in the file system.</exception>
    protected string ResolveFilePath(string path, string parameterName)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            // PowerShell would treat it as the current location, so the agent would work in a folder that nobody named.
            throw new AmpValidationException($"-{parameterName} is empty.", parameterName, "Omit it, or give a file system path.");
        }

        string resolved;
        ProviderInfo provider;
        try
        {
            resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
        }
        catch (Exception exception) when (exception is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            throw new AmpValidationException(
                $"-{parameterName} '{path}' cannot be resolved: {exception.Message}", parameterName, "Give a file system path.", path);
        }

        return provider.Name == "FileSystem"
            ? resolved
            : throw new AmpValidationException(
                $"-{parameterName} '{path}' is a path of the provider {provider.Name}, not of the file system.",
                parameterName,
                "Give a file system path.",
                path);
    }

    /// <summary>PowerShell's current folder, which differs from that of the process.</summary>
    /// <exception cref="AmpValidationException">PowerShell's location is not in the file system.</exception>
    protected string CurrentFolder()
    {
        PathInfo location = SessionState.Path.CurrentLocation;
        return location.Provider.Name == "FileSystem"
            ? location.ProviderPath
            : throw new AmpValidationException(
                $"The current location '{location.Path}' is not a folder of the file system, so the agent cannot work there.",
                "WorkingDirectory",
                "Use -WorkingDirectory to name a folder, or change to one with Set-Location.",
                location.Path);
    }

    /// <summary>
    /// Resolves the path of a file to write. As with PowerShell's own cmdlets that write files, wildcards must resolve to a single path.
    /// </summary>
    /// <exception cref="AmpValidationException">The path is not in the file system, or its wildcards match no or several paths.</exception>
    private protected string ResolveOutputPath(string path, string parameterName)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path))
        {
            // Tab completion escapes the brackets of a name.
            return ResolveFilePath(WildcardPattern.Unescape(path), parameterName);
        }

        string[] found;
        try
        {
            found = FilesLike(path);
        }
        catch (Exception exception) when (IsNoMatch(exception))
        {
            found = [];
        }

        return found.Length == 1 ? found[0] : throw new AmpValidationException(
            $"-{parameterName} '{path}' resolves to {found.Length} paths; exactly one is required.", parameterName, "Use -LiteralPath.", path);
    }

    /// <summary>Finds the transcripts that a path names: a file, or those in a folder, sorted by name.</summary>
    /// <exception cref="AmpValidationException">The path is not in the file system, its wildcards match nothing, or a folder cannot be read.</exception>
    private protected string[] FindTranscripts(string given, string parameterName, bool isLiteral)
    {
        if (isLiteral || !WildcardPattern.ContainsWildcardCharacters(given))
        {
            return TranscriptsIn(ResolveFilePath(isLiteral ? given : WildcardPattern.Unescape(given), parameterName), parameterName);
        }

        string[] found;
        string reason = string.Empty;
        try
        {
            found = FilesLike(given);
        }
        catch (Exception exception) when (IsNoMatch(exception))
        {
            found = [];
            reason = $" {exception.Message}";
        }

        // Unlike Get-Content: an audit of nothing would look like one of runs that all succeeded.
        return found.Length > 0 ? [.. found.SelectMany(path => TranscriptsIn(path, parameterName))] : throw new AmpValidationException(
            $"-{parameterName} '{given}' does not match a file or folder.{reason}", parameterName, "Give a file system path, or use -ErrorAction Ignore if there may be no file.", given);
    }

    private static string[] TranscriptsIn(string path, string parameterName)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        try
        {
            return
            [
                .. Directory.EnumerateFiles(path).Where(file => s_transcriptEndings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpValidationException(
                $"-{parameterName}: the folder '{path}' cannot be read: {exception.Message}", parameterName, "Give a folder that you can read, or its files.", path);
        }
    }

    private string[] FilesLike(string path) =>
        [.. SessionState.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider).Where(_ => provider.Name == "FileSystem")];

    private static bool IsNoMatch(Exception exception) =>
        exception is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException;
}
