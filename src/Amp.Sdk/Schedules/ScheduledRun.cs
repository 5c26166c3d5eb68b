using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security;
using System.Text;
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
    /// <summary>The exit code of a run that was skipped because another one is active: <c>EX_TEMPFAIL</c> of <c>sysexits.h</c>.</summary>
    public const int SkippedCode = 75;

    /// <summary>The exit code of a run whose script was not started: <c>EX_CONFIG</c> of <c>sysexits.h</c>.</summary>
    public const int NotStartedCode = 78;

    /// <summary>The exit code of a run that reached its time limit, as of <c>timeout(1)</c>.</summary>
    public const int TimedOutCode = 124;

    private const int StoppedCode = 128;

    // A PowerShell that gets SIGTERM stops its runs within 5 s. The runner itself has no more time when it gets SIGTERM.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_ownGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_restOfOutput = TimeSpan.FromSeconds(5);

    // A process that asks whether a run is active holds the lock for a moment, and one that replaces a schedule holds it a little longer.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly string _folder;
    private readonly Func<ScheduleDefinition, CancellationToken, SecureString?> _readKey;
    private readonly IReadOnlyList<string> _moduleFolders;

    /// <param name="folder">The folder of the schedule.</param>
    /// <param name="moduleFolders">Folders that the script must find modules in.</param>
    /// <param name="readKey">Reads the access token by its name, in the thread that calls <see cref="RunAsync"/>. It throws an
    /// <see cref="AmpException"/> if it cannot.</param>
    public ScheduledRun(string folder, IReadOnlyList<string> moduleFolders, Func<ScheduleDefinition, CancellationToken, SecureString?> readKey)
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
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(definition.TimeLimit);
        FileStream active;
        try
        {
            active = TakeLock();
        }
        catch (IOException exception) when (LockFile.IsOther(exception))
        {
            RunLogs.Note(definition, start, $"Skipped: the run of {ScheduleRecord.Read(RecordPath)?.Start.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "before"} is still active.");
            return SkippedCode;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return RefuseStart(definition, start, $"The lock of the run cannot be taken: {exception.Message}");
        }

        using (active)
        {
            // If a runner was killed, its script and the agent still work. Not awaited, because the key is read in this thread later.
            OrphanSweep.RunAsync().GetAwaiter().GetResult();

            // The schedule may have been replaced while this waited.
            definition = ReadDefinition();
            limit.CancelAfter(definition.TimeLimit);
            string log;
            FileStream stream;
            try
            {
                (log, stream) = RunLogs.Create(definition, start);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return RefuseStart(definition, start, $"The log cannot be created: {exception.Message}");
            }

            ScheduleRecord record = new(start, ProcessIdentity.Current, log);
            try
            {
                record.Write(RecordPath);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                WholeFile.TryDelete(log);
                return RefuseStart(definition, start, $"The record of the run cannot be written: {exception.Message}");
            }

            RunEnd end = new(ScheduleResult.Interrupted, null, NotStartedCode);
            try
            {
                end = await RunScriptAsync(definition, stream, limit.Token, cancellationToken).ConfigureAwait(false);
                return end.CodeForScheduler;
            }
            finally
            {
                Finish(definition, record, end);
            }
        }
    }

    // In this thread, because the key is read in it later.
    private FileStream TakeLock()
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return LockFile.Take(Path.Combine(_folder, ScheduleStore.RunLockName));
            }
            catch (IOException exception) when (LockFile.IsOther(exception) && waited.Elapsed < s_patience)
            {
                Thread.Sleep(s_pause);
            }
        }
    }

    // Without this, the record would still say how the run before ended.
    private int RefuseStart(ScheduleDefinition definition, DateTimeOffset start, string reason)
    {
        RunLogs.Note(definition, start, $"{ScheduleResult.NotStarted}: {reason}");
        string log = Path.Combine(_folder, ScheduleStore.NotStartedName);
        try
        {
            WholeFile.Write(log, Encoding.UTF8.GetBytes(reason + Environment.NewLine), WholeFile.OwnerOnly);
            new ScheduleRecord(start, ProcessIdentity.Current, log) { End = DateTimeOffset.Now, Result = ScheduleResult.NotStarted }.Write(RecordPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            WholeFile.TryDelete(RecordPath);
        }

        return NotStartedCode;
    }

    // Nothing here changes the exit code: the script has ended.
    private void Finish(ScheduleDefinition definition, ScheduleRecord record, RunEnd end)
    {
        DateTimeOffset now = DateTimeOffset.Now;
        string code = end.ExitCode is int given ? string.Create(CultureInfo.InvariantCulture, $", exit code {given}") : string.Empty;
        string fault = end.LogFault is null ? string.Empty : $", the log is incomplete: {end.LogFault}";
        RunLogs.Note(definition, now, string.Create(CultureInfo.InvariantCulture, $"{end.Result}{code}, {(now - record.Start).TotalSeconds:0.0} s, {Path.GetFileName(record.Log)}{fault}"));
        RunLogs.Rotate(definition, record.Log!);
        try
        {
            (record with { End = now, Result = end.Result, ExitCode = end.ExitCode }).Write(RecordPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The record still names a run without an end, which is shown as interrupted.
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

    private async Task<RunEnd> RunScriptAsync(ScheduleDefinition definition, FileStream file, CancellationToken limit, CancellationToken cancellationToken)
    {
        SecretRedactor redactor = SecretRedactor.Patterns;
        using RunLogWriter log = new(file, text => redactor.Redact(text));
        RunEnd end;
        try
        {
            Dictionary<string, string> environment = EnvironmentOf(definition, limit, out List<string> secrets);
            limit.ThrowIfCancellationRequested();
            redactor = new SecretRedactor(environment, secrets);
            RefuseMissing(definition);
            ChildProcess child = ChildProcess.Start(
                new ProcessCommand(definition.Command[0], [.. definition.Command.Skip(1)], definition.WorkingDirectory, environment, Guid.NewGuid().ToString("N")));
            await using ConfiguredAsyncDisposable ownedChild = child.ConfigureAwait(false);
            end = await WatchAsync(definition, child, log, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            end = Stopped(definition, log, cancellationToken);
        }
        catch (AmpException exception)
        {
            log.Write($"{exception.ErrorId}: {exception.Message} {exception.RecommendedAction}");
            end = new RunEnd(ScheduleResult.NotStarted, null, NotStartedCode);
        }

        return end with { LogFault = log.Fault };
    }

    private static async Task<RunEnd> WatchAsync(
        ScheduleDefinition definition, ChildProcess child, RunLogWriter log, CancellationToken limit, CancellationToken cancellationToken)
    {
        Task written = Task.WhenAll(log.CopyAsync(child.Output), log.CopyAsync(child.Error));
        await child.Input.DisposeAsync().ConfigureAwait(false);
        bool isStopped = false;
        try
        {
            await child.Exited.WaitAsync(limit).ConfigureAwait(false);
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
            return Stopped(definition, log, cancellationToken);
        }

        ProcessExit exit = await child.Exited.ConfigureAwait(false);
        if (exit.Signal is string signal)
        {
            log.Write($"The script ended with exit code {exit.Code}, which also means that {signal} ended it.");
        }

        return new RunEnd(exit.IsSuccess ? ScheduleResult.Succeeded : ScheduleResult.Failed, exit.Code, exit.Code);
    }

    private static RunEnd Stopped(ScheduleDefinition definition, RunLogWriter log, CancellationToken cancellationToken)
    {
        bool isLimit = !cancellationToken.IsCancellationRequested;
        log.Write(isLimit ? $"The run was stopped with all its processes, because it reached its time limit of {definition.TimeLimit}." : "The run was stopped.");
        return isLimit ? new RunEnd(ScheduleResult.TimedOut, null, TimedOutCode) : new RunEnd(ScheduleResult.Interrupted, null, StoppedCode);
    }

    // A scheduler sets almost no variables. The ones that the script requires were stored when it was registered.
    private Dictionary<string, string> EnvironmentOf(ScheduleDefinition definition, CancellationToken limit, out List<string> secrets)
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
            using SecureString? key = _readKey(definition, limit);
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

    private sealed record RunEnd(ScheduleResult Result, int? ExitCode, int CodeForScheduler)
    {
        /// <summary>Why the rest of the log is missing.</summary>
        public string? LogFault { get; init; }
    }
}
