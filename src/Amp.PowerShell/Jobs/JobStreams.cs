using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Jobs;

/// <summary>Writes to the streams of a job, where everything waits until somebody receives it.</summary>
internal sealed class JobStreams : IRunStreams
{
    private const string Source = "Amp";

    private readonly Job _job;

    public JobStreams(Job job) => _job = job;

    /// <inheritdoc/>
    public Func<string, string> Redact { get; set; } = TerminalText.WithoutSecrets;

    /// <inheritdoc/>
    public bool ShowsInformation => true;

    /// <inheritdoc/>
    public void WriteObject(object? item)
    {
        if (item is not null)
        {
            Add(_job.Output, PSObject.AsPSObject(item));
        }
    }

    /// <inheritdoc/>
    public void WriteObject(object? item, bool enumerateCollection)
    {
        if (enumerateCollection && LanguagePrimitives.GetEnumerable(item) is IEnumerable items)
        {
            foreach (object? one in items)
            {
                WriteObject(one);
            }
        }
        else
        {
            WriteObject(item);
        }
    }

    /// <inheritdoc/>
    public void WriteError(ErrorRecord error) => Add(_job.Error, error);

    /// <inheritdoc/>
    public void WriteWarning(string? text) => Add(_job.Warning, new WarningRecord(AmpCmdlet.Clean(text, Redact)));

    /// <inheritdoc/>
    public void WriteVerbose(string? text) => Add(_job.Verbose, new VerboseRecord(AmpCmdlet.Clean(text, Redact)));

    /// <inheritdoc/>
    public void WriteInformation(object data, string[] tags)
    {
        InformationRecord record = new(data, Source);
        record.Tags.AddRange(tags);
        Add(_job.Information, record);
    }

    /// <summary>Shows how far something is. What was not received yet is out of date and is replaced, so that no list of states grows.</summary>
    public void ShowProgress(ProgressRecord progress)
    {
        try
        {
            _job.Progress.Clear();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        Add(_job.Progress, progress);
    }

    /// <inheritdoc/>
    public void TakeProgressAway(ProgressRecord end) => ShowProgress(end);

    private static void Add<T>(PSDataCollection<T> stream, T record)
    {
        try
        {
            stream.Add(record);
        }
        catch (Exception)
        {
            // The record is in the stream, and a handler of DataAdded has failed, which is not a matter of the run. Or the job was removed.
        }
    }
}
