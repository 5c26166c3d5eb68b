using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Where a run writes: the streams of a cmdlet, on its pipeline thread, or those of a job, on any thread. Texts are written without control sequences and
/// without the secrets of the run.
/// </summary>
internal interface IRunStreams
{
    /// <summary>Removes the secrets of the run from a text.</summary>
    Func<string, string> Redact { get; set; }

    /// <summary>Whether somebody sees the information stream as it is written, so that its texts must be ready.</summary>
    bool ShowsInformation { get; }

    /// <summary>Writes an object.</summary>
    void WriteObject(object? item);

    /// <summary>Writes an object, or the objects of a collection.</summary>
    void WriteObject(object? item, bool enumerateCollection);

    /// <summary>Writes an error.</summary>
    void WriteError(ErrorRecord error);

    /// <summary>Writes a warning.</summary>
    void WriteWarning(string? text);

    /// <summary>Writes a verbose message.</summary>
    void WriteVerbose(string? text);

    /// <summary>Writes to the information stream.</summary>
    void WriteInformation(object data, string[] tags);

    /// <summary>Shows how far something is.</summary>
    void ShowProgress(ProgressRecord progress);

    /// <summary>Takes a progress away that was shown, in whatever state the pipeline is.</summary>
    void TakeProgressAway(ProgressRecord end);
}
