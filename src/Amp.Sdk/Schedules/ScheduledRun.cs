using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security;
using Amp.Files;
using Amp.Options;
using Amp.Processes;
using Amp.Text;

namespace Amp.Schedules;

/// <summary>
/// One run of a schedule, in the process that the scheduler started. It is the same for every scheduler: the lock, the key, the time limit, the
/// log, and the record of the end.
/// </summary>
internal sealed class ScheduledRun
{
    /// <summary>The exit code of a run that was skipped because another one is active: "try again later" of <c>sysexits.h</c>.</summary>
    public const int SkippedCode = 75;

    /// <summary>The exit code of a run whose script was not started: a mistake of the configuration in <c>sysexits.h</c>.</summary>
    public const int NotStartedCode = 78;

    /// <summary>The exit code of a run that reached its time limit, as of <c>timeout(1)</c>.</summary>
    public const int TimedOutCode = 124;

    private const int OfSignal = 128;

    // A PowerShell that is told to end stops its runs within 5 s. The runner itself has no more than that when it is told to end.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_ownGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_restOfOutput = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly Func<ScheduleDefinition, SecureString?> _readKey;
    private readonly IReadOnlyList<string> _moduleFolders;

    /// <param name="folder">The folder of the schedule.</param>
    /// <param name="moduleFolders">Folders that the script must find modules in.</param>
    /// <param name="readKey">Reads the access token by its name. It throws an <see cref="AmpException"/> if it cannot.</param>
    public ScheduledRun(string folder, IReadOnlyList<string> moduleFolders, Func<ScheduleDefinition, SecureString?> readKey)
    {
        _folder = folder;
        _moduleFolders = moduleFolders;
        _readKey = readKey;
    }

    /// <summary>Runs the script.</summary>
    /// <param name="cancellationToken">Stops the script.</param>
    /// <returns>The exit code for the scheduler.</returns>
    /// <exception cref="AmpException">The folder contains no schedule.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        ScheduleDefinition definition = ReadDefinition();
        DateTimeOffset start = DateTimeOffset.Now;
        FileStream active;
        try
        {
            active = ScheduleLock.Take(Path.Combine(_folder, "run.lock"));
        }
        catch (IOException)
        {
            RunLogs.Note(definition, start, $"Skipped: the run of {ScheduleRecord.Read(RecordPath)?.Start.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "before"} is still active.");
            return SkippedCode;
        }

        using (active)
        {
            (string log, FileStream stream) = RunLogs.Create(definition, start);
            ScheduleRecord record = new(start, ProcessIdentity.Current, log);
            record.Write(RecordPath);
            RunEnd end = new(ScheduleResult.Interrupted, null, NotStartedCode);
            try
            {
                end = await RunScriptAsync(definition, stream, cancellationToken).ConfigureAwait(false);
                return end.CodeForScheduler;
            }
            finally
            {
                DateTimeOffset now = DateTimeOffset.Now;
                RunLogs.Note(definition, now, string.Create(
                    CultureInfo.InvariantCulture, $"{end.Result}{(end.ExitCode is int code ? $", exit code {code}" : string.Empty)}, {(now - start).TotalSeconds:0.0} s, {Path.GetFileName(log)}"));
                RunLogs.Rotate(definition);
                (record with { End = now, Result = end.Result, ExitCode = end.ExitCode }).Write(RecordPath);
            }
        }
    }

    private string RecordPath => Path.Combine(_folder, ScheduleStore.RecordName);

    private ScheduleDefinition ReadDefinition()
    {
        string path = Path.Combine(_folder, ScheduleStore.DefinitionName);
        try
        {
            return ScheduleDefinition.Parse(BoundedFile.ReadText(path)) ?? throw new AmpScheduleException($"'{path}' is not a schedule.", AmpErrorId.ScheduleNotFound, "Register it again.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpScheduleException($"The schedule cannot be read: {exception.Message}", AmpErrorId.ScheduleNotFound, "Register it again.", exception);
        }
    }

    private async Task<RunEnd> RunScriptAsync(ScheduleDefinition definition, FileStream file, CancellationToken cancellationToken)
    {
        SecretRedactor redactor = SecretRedactor.Patterns;
        using RunLogWriter log = new(file, text => redactor.Redact(text));
        try
        {
            Dictionary<string, string> environment = EnvironmentOf(definition, out List<string> secrets);
            redactor = new SecretRedactor(environment, secrets);
            RefuseMissing(definition);
            ChildProcess child = ChildProcess.Start(
                new ProcessCommand(definition.Command[0], [.. definition.Command.Skip(1)], definition.WorkingDirectory, environment, Guid.NewGuid().ToString("N")));
            await using ConfiguredAsyncDisposable ownedChild = child.ConfigureAwait(false);
            return await WatchAsync(definition, child, log, cancellationToken).ConfigureAwait(false);
        }
        catch (AmpException exception)
        {
            log.Write($"{exception.ErrorId}: {exception.Message} {exception.RecommendedAction}");
            return new RunEnd(ScheduleResult.NotStarted, null, NotStartedCode);
        }
    }

    private static async Task<RunEnd> WatchAsync(ScheduleDefinition definition, ChildProcess child, RunLogWriter log, CancellationToken cancellationToken)
    {
        Task written = Task.WhenAll(log.CopyAsync(child.Output), log.CopyAsync(child.Error));
        await child.Input.DisposeAsync().ConfigureAwait(false);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(definition.TimeLimit);
        bool isStopped = false;
        try
        {
            await child.Exited.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            isStopped = true;
            child.NoteDescendants();
            if (child.Terminate())
            {
                await Task.WhenAny(child.Exited, Task.Delay(cancellationToken.IsCancellationRequested ? s_ownGrace : s_grace, CancellationToken.None)).ConfigureAwait(false);
            }
        }

        // Whatever the script started, also after a normal end: it would hold the log, and overlap with the next run.
        await child.KillAsync().ConfigureAwait(false);
        await Task.WhenAny(written, Task.Delay(s_restOfOutput, CancellationToken.None)).ConfigureAwait(false);
        if (isStopped)
        {
            bool isLimit = !cancellationToken.IsCancellationRequested;
            log.Write(isLimit ? $"The run was stopped with all its processes: it reached its time limit of {definition.TimeLimit}." : "The run was stopped.");
            return isLimit ? new RunEnd(ScheduleResult.TimedOut, null, TimedOutCode) : new RunEnd(ScheduleResult.Interrupted, null, OfSignal);
        }

        ProcessExit exit = await child.Exited.ConfigureAwait(false);
        if (exit.ExitCode is int code)
        {
            return new RunEnd(code == 0 ? ScheduleResult.Succeeded : ScheduleResult.Failed, code, code);
        }

        log.Write($"The script ended with {exit}.");
        return new RunEnd(ScheduleResult.Failed, null, OfSignal);
    }

    // A scheduler gives its commands next to nothing. What the script needs was kept when it was registered.
    private Dictionary<string, string> EnvironmentOf(ScheduleDefinition definition, out List<string> secrets)
    {
        Dictionary<string, string> environment = RunEnvironment.Build(null);
        foreach ((string name, string value) in definition.Variables)
        {
            environment[name] = value;
        }

        string modules = environment.GetValueOrDefault("PSModulePath") ?? string.Empty;
        environment["PSModulePath"] = string.Join(Path.PathSeparator, _moduleFolders.Concat(modules.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)).Distinct());
        secrets = [];
        if (definition.EnvironmentFile is string path)
        {
            foreach ((string name, string value) in Amp.Schedules.EnvironmentFile.Read(path))
            {
                environment[name] = value;
            }
        }

        if (definition.ApiKeyName is not null)
        {
            using SecureString? key = _readKey(definition);
            RunEnvironment.SetKey(environment, key, secrets);
        }

        return environment;
    }

    private static void RefuseMissing(ScheduleDefinition definition)
    {
        if (!File.Exists(definition.ScriptPath))
        {
            throw new AmpValidationException($"The script '{definition.ScriptPath}' does not exist.", "ScriptPath", "Register the schedule again with the path of the script.", definition.ScriptPath);
        }

        if (!Directory.Exists(definition.WorkingDirectory))
        {
            throw new AmpValidationException(
                $"The folder '{definition.WorkingDirectory}' does not exist.", "WorkingDirectory", "Create it, or register the schedule again with another one.", definition.WorkingDirectory);
        }
    }

    private sealed record RunEnd(ScheduleResult Result, int? ExitCode, int CodeForScheduler);
}
