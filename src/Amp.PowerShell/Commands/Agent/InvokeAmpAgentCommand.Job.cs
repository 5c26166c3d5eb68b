using Amp.PowerShell.Jobs;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <content>The job that does the runs while the caller goes on: everything is checked, and asked about, before there is one.</content>
public sealed partial class InvokeAmpAgentCommand
{
    private List<UserInputMessage>? _messages;

    private void RefuseJobName()
    {
        if (JobName is not null && !AsJob)
        {
            Refuse("-JobName requires -AsJob.", nameof(JobName), "Add -AsJob, or omit -JobName.");
        }
    }

    private JobRuns Job() => _job ??= new JobRuns { Limit = ThrottleLimit, ResultOnly = ResultOnly, OutputOnly = OutputOnly };

    // The messages of a conversation are one run.
    private void AddConversationToJob()
    {
        if (_messages is null)
        {
            return;
        }

        AmpOptions options = OrThrow(() => ToRunOptions(new PipelineCalls { IsOfJob = true }));
        RunPlan preview = OrThrow(() => AmpClient.Preview(EmptyConversation(), options));
        if (ShouldStart(preview, "messages, one per turn, by standard input"))
        {
            Job().Add(new FleetTask { Number = 1, Prompt = _messages.Count == 1 ? _messages[0].Text : string.Empty, IsMarked = false, Options = options }, _messages, options);
        }

        static IAsyncEnumerable<UserInputMessage> EmptyConversation() => new MessageFeed().Messages;
    }

    private void WriteJob()
    {
        AddConversationToJob();
        if (_job?.ToJob(CommandLine, JobName) is AmpJob job)
        {
            AgentJobSource.Add(this, job);
            job.StartJob();
            WriteObject(job);
        }
    }
}
