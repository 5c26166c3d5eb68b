namespace Amp.Schedules;

/// <summary>
/// A scheduler of the system. Its files and calls are created by functions without side effects, so that they can be shown before anything is written, and
/// tested on every system.
/// </summary>
internal abstract class Scheduler
{
    /// <summary>
    /// The time by which the limit of a scheduler is longer than that of the runner. The runner stops a run with all of its processes, and writes the result; the
    /// scheduler's own limit is for a runner that cannot.
    /// </summary>
    protected static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    /// <summary>Which scheduler it is.</summary>
    public abstract SchedulerKind Kind { get; }

    /// <summary>The line by which a file of a schedule is recognized.</summary>
    public static string Mark(string name) => $"Amp schedule {name}. Created by the Amp module, which also removes it; do not edit.";

    /// <summary>The line as a comment of XML contains it, in which no two hyphens can follow each other.</summary>
    public static string MarkInComment(string name) => Mark(name).Replace("--", "- -", StringComparison.Ordinal).Replace("--", "- -", StringComparison.Ordinal);

    /// <summary>Plans what is written and called to register a schedule, without doing it.</summary>
    /// <exception cref="AmpValidationException">A path cannot be written in the format of the scheduler.</exception>
    public abstract SchedulerPlan Plan(ScheduleDefinition definition);

    /// <summary>Registers a schedule whose files are written. A previous registration is replaced.</summary>
    /// <exception cref="AmpException">The scheduler refused.</exception>
    public abstract Task RegisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken);

    /// <summary>Removes a schedule from the scheduler, before its files are deleted. It is not an error if the scheduler does not know it.</summary>
    /// <exception cref="AmpException">The scheduler refused.</exception>
    public abstract Task UnregisterAsync(ScheduleDefinition definition, CancellationToken cancellationToken);

    /// <summary>Makes the scheduler forget the deleted files.</summary>
    public virtual Task ForgetAsync(ScheduleDefinition definition, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Returns whether the scheduler knows something else by the name of a schedule. Files are checked by the store.</summary>
    public virtual Task<bool> IsForeignAsync(ScheduleDefinition definition, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Asks the scheduler to start a schedule now.</summary>
    /// <exception cref="AmpException">The scheduler refused.</exception>
    public abstract Task StartAsync(ScheduleDefinition definition, CancellationToken cancellationToken);

    /// <summary>Asks whether the scheduler will start a schedule.</summary>
    /// <exception cref="AmpException">The scheduler did not answer.</exception>
    public abstract Task<ScheduleState> StateAsync(ScheduleDefinition definition, CancellationToken cancellationToken);

    /// <summary>Returns whether the scheduler will start a schedule as it would be registered now. Files are checked by the store.</summary>
    /// <exception cref="AmpException">The scheduler did not answer.</exception>
    public virtual async Task<bool> IsCurrentAsync(ScheduleDefinition definition, CancellationToken cancellationToken) =>
        await StateAsync(definition, cancellationToken).ConfigureAwait(false) is ScheduleState.Ready;

    /// <summary>Gets a note about the user's settings of the scheduler; null if there is none.</summary>
    public virtual string? Note() => null;

    /// <summary>Refuses texts that no format of a scheduler can contain.</summary>
    /// <exception cref="AmpValidationException">A path or a variable contains a control character.</exception>
    protected static void RefuseControl(ScheduleDefinition definition)
    {
        foreach (string text in definition.Runner.Concat(definition.RunnerVariables.Values))
        {
            if (text.Any(char.IsControl))
            {
                throw new AmpValidationException(
                    $"'{TerminalText.Escaped(text)}' contains a control character, which cannot be passed to a scheduler.",
                    "ScriptPath",
                    "Use a home folder and a PowerShell whose paths contain no control characters.",
                    text);
            }
        }
    }
}

/// <summary>What is written and called to register a schedule.</summary>
/// <param name="Files">The files for the scheduler.</param>
/// <param name="Calls">The calls, in order.</param>
internal sealed record SchedulerPlan(IReadOnlyList<SchedulerFile> Files, IReadOnlyList<SchedulerCall> Calls);

/// <summary>A file for a scheduler, readable by everyone who can read the folder: it contains no secret.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Content">The content.</param>
/// <param name="IsUtf16">Whether it is written in UTF-16, as Task Scheduler requires, instead of UTF-8.</param>
internal sealed record SchedulerFile(string Path, string Content, bool IsUtf16 = false)
{
    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes() => IsUtf16
        ? [.. System.Text.Encoding.Unicode.Preamble, .. System.Text.Encoding.Unicode.GetBytes(Content)]
        : System.Text.Encoding.UTF8.GetBytes(Content);
}

/// <summary>A call of a program of the scheduler.</summary>
/// <param name="Program">The name of the program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record SchedulerCall(string Program, params string[] Arguments)
{
    /// <summary>The standard input, of which the schedule's own part is shown; null for none.</summary>
    public string? Input { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', [Program, .. Arguments]);
}
