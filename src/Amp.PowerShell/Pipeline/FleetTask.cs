using System.Management.Automation;
using Amp.PowerShell.Conversion;

namespace Amp.PowerShell.Pipeline;

/// <summary>What takes the runs of one call: those that can begin, and those that were refused.</summary>
internal interface IFleetTarget
{
    /// <summary>Takes a run.</summary>
    void Add(FleetTask task, RunPlan preview);

    /// <summary>Takes note of a run that cannot begin.</summary>
    void Refuse(FleetTask task, AmpException failure);
}

/// <summary>One run of several: what tells it from the others, and how far it is.</summary>
internal sealed class FleetTask
{
    /// <summary>Its place among what was piped in, from 1; with several hosts, its place among all runs.</summary>
    public required int Number { get; init; }

    /// <summary>What the agent is to do.</summary>
    public required string Prompt { get; init; }

    /// <summary>Whether it was piped in as an object with a prompt, so that errors name its row.</summary>
    public bool IsRow { get; init; }

    /// <summary>The row that it is of; null if it is that of its number.</summary>
    public int? Row { get; init; }

    /// <summary>The way to its host; null for this machine.</summary>
    public SshTransport? Transport { get; set; }

    /// <summary>What it is given.</summary>
    public AmpOptions? Options { get; set; }

    /// <summary>The name of its host; null for this machine.</summary>
    public string? HostName => (Options?.Transport ?? Transport)?.HostName;

    /// <summary>Whether it is one of several, so that its messages tell which one.</summary>
    public bool IsMarked { get; init; } = true;

    /// <summary>What a fleet gets for it; null if it was refused.</summary>
    public FleetItem? Item { get; set; }

    /// <summary>Its plan; null before it has begun.</summary>
    public RunPlan? Plan { get; set; }

    /// <summary>Its progress; null for none.</summary>
    public RunProgress? Progress { get; set; }

    /// <summary>Writes what it reports; null before it has begun.</summary>
    public RunWriter? Writer { get; set; }

    /// <summary>The target of its errors; null for what a failure names.</summary>
    public object? ErrorTarget => IsMarked ? Prompt : null;

    /// <summary>A message of the run with what tells it from those of others; of a result also with what it failed by.</summary>
    public PSObject Mark(object written, string? errorId, bool withErrorId = true)
    {
        PSObject marked = PSObject.AsPSObject(HostParameter.Mark(written as PSObject ?? new PSObject(written), HostName));
        if (!IsMarked)
        {
            return marked;
        }

        marked.Properties.Add(new PSNoteProperty("RunId", Number), preValidated: true);
        marked.Properties.Add(new PSNoteProperty("Prompt", Prompt), preValidated: true);
        if (withErrorId)
        {
            marked.Properties.Add(new PSNoteProperty("ErrorId", errorId), preValidated: true);
        }

        return marked;
    }

    /// <summary>An error about something that was given, with the row that it stands in.</summary>
    public AmpException Named(AmpException failure) => IsRow && failure is AmpValidationException invalid
        ? new AmpValidationException($"Row {Row ?? Number}: {invalid.Message}", invalid.OptionName, invalid.RecommendedAction, invalid.Value, invalid.ErrorId)
        : failure;

    /// <summary>What the run is called.</summary>
    public override string ToString() => $"Run {Number}";
}
