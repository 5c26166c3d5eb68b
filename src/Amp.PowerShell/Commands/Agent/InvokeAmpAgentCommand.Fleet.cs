using Amp.PowerShell.Jobs;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <content>Piped prompts, and objects with a prompt, whose runs are at work at the same time.</content>
public sealed partial class InvokeAmpAgentCommand
{
    private PipelineCalls? _fleetCalls;
    private FleetWriter? _fleet;
    private JobRuns? _job;
    private AmpOptions? _fleetOptions;
    private int _pipedCount;
    private bool _hasRun;

    private static AmpValidationException EmptyPrompt() =>
        new("A piped prompt is empty; no run was started for it.", nameof(InputObject), "Pipe in a prompt that describes the task.");

    private void RefuseThrottleLimit()
    {
        if (ThrottleLimit == 1)
        {
            return;
        }

        if ((Prompt is not null && !IsOnManyHosts) || Message is not null)
        {
            Refuse(
                "-ThrottleLimit requires piped prompts or several hosts, but this call starts only one run.",
                nameof(ThrottleLimit),
                "Omit it, or pipe the prompts in: 'first', 'second' | Invoke-AmpAgent -ThrottleLimit 2.");
        }

        if (ThreadId is not null || ContinueThread)
        {
            Refuse(
                "Several runs cannot continue the same thread at the same time.",
                nameof(ThrottleLimit),
                "Omit -ThrottleLimit, or give each piped object a ThreadId property.");
        }
    }

    private void RefuseConversation()
    {
        if (ThrottleLimit > 1 || IsOnManyHosts || _hasRun || _fleet is not null || _job is not null)
        {
            Refuse(
                "Messages from New-AmpUserMessage are the turns of one run; they cannot be piped in with -ThrottleLimit, with several hosts or with other prompts.",
                nameof(InputObject),
                "Omit -ThrottleLimit and give one host, or pipe in strings.");
        }
    }

    private void RefuseRunAmongTurns()
    {
        if (_conversation is not null || _messages is not null)
        {
            Refuse(
                "Each prompt starts a separate run; it cannot be piped in with the messages of a conversation.",
                nameof(InputObject),
                "Start the runs in a separate call.");
        }
    }

    private void RunBeside(string prompt)
    {
        RefuseRunAmongTurns();
        foreach (FleetTask task in TasksOf(prompt))
        {
            if (string.IsNullOrWhiteSpace(prompt))
            {
                Target().Refuse(task, EmptyPrompt());
            }
            else
            {
                Start(task, null);
            }
        }
    }

    private void RunBeside(TaskRow row)
    {
        RefuseRunAmongTurns();
        foreach (FleetTask task in TasksOf(row.Prompt, row))
        {
            Start(task, row);
        }
    }

    private void Start(FleetTask task, TaskRow? row)
    {
        IFleetTarget target = Target();
        RunPlan preview;
        try
        {
            SshTransport? host = HostOf(task, row);

            // The caller may have gone to another folder since the last object.
            AmpOptions here = _fleetOptions! with { WorkingDirectory = StartFolder(host is not null), CliPath = host is null ? _fleetOptions.CliPath : CliPath };
            here = row?.Over(here, host is null ? ResolveFilePath : (path, _) => path) ?? here;
            RefuseThreadOnHosts(row, here.ThreadId);

            // Who says yes to all of a run's calls has not said it for the others.
            task.Options = At(host, here) with { Approval = Approval(_fleetCalls!), IsInFleet = true };
            preview = AmpClient.Preview(task.Prompt, task.Options);
        }
        catch (AmpException failure)
        {
            target.Refuse(task, failure);
            return;
        }

        if (ShouldStart(preview, RunDescription.OfPrompt(task.Prompt, Image)))
        {
            target.Add(task, preview);
        }
    }

    // Scripts of all runs share one thread: the time of a call includes that of the calls before it.
    private AmpOptions WithSharedThread(AmpOptions options)
    {
        return options with { ToolTimeout = Shared(options.ToolTimeout), ApprovalTimeout = Shared(options.ApprovalTimeout), VerifyTimeout = Shared(options.VerifyTimeout) };

        TimeSpan? Shared(TimeSpan? limit) =>
            limit is TimeSpan time ? TimeSpan.FromMilliseconds(Math.Min(int.MaxValue, time.TotalMilliseconds * ThrottleLimit)) : null;
    }

    // What is wrong with the parameters is wrong with every run, and ends the statement.
    private IFleetTarget Target()
    {
        if (_fleetOptions is null)
        {
            _fleetCalls = new PipelineCalls { IsOfJob = AsJob };
            _fleetOptions = WithSharedThread(OrThrow(() => ToRunOptions(_fleetCalls)));
        }

        if (AsJob)
        {
            return Job();
        }

        if (_fleet is null)
        {
            _signals = HostSignals.StopOnSignal(StopProcessing);
            TaskWriter writer = new(this) { ResultOnly = ResultOnly, OutputOnly = OutputOnly };
            _fleet = new FleetWriter(this, ThrottleLimit, _fleetCalls!, writer, StopToken);
        }

        return _fleet;
    }
}
