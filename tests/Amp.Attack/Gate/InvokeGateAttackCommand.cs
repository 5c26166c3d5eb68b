using System.Diagnostics;
using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.Attack.Gate;

/// <summary>Sends mutated scripts through the gate of this session, and looks after each whether it has reached what it must not.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "GateAttack")]
public sealed class InvokeGateAttackCommand : AmpCmdlet
{
    /// <summary>The seed of the scripts.</summary>
    [Parameter(Mandatory = true)]
    public int Seed { get; set; }

    /// <summary>How many scripts are read.</summary>
    [Parameter(Mandatory = true)]
    public int Count { get; set; }

    /// <summary>The number of the first one.</summary>
    [Parameter]
    public int At { get; set; }

    /// <summary>Of how many that are let through one is run; 1 for all of them.</summary>
    [Parameter]
    public int RunOneIn { get; set; } = 1;

    /// <summary>The folder that no script may change.</summary>
    [Parameter(Mandatory = true)]
    public string Outside { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Stopwatch watch = Stopwatch.StartNew();
        using GateSession session = new(this, Outside);
        using ScriptReader reader = new(new MutatedScripts(Seed, Outside), At, Count, RunOneIn);
        SessionState.InvokeCommand.PostCommandLookupAction = Canaries.Watch;
        try
        {
            foreach ((int number, string script) in reader.LetThrough())
            {
                if (session.FaultOf(script) is string fault)
                {
                    throw new AttackFailureException("gate", Seed, number, fault, script);
                }
            }
        }
        catch (AttackFailureException failure)
        {
            ThrowTerminatingError(new ErrorRecord(failure, "AttackFailed", ErrorCategory.SecurityError, null));
        }
        finally
        {
            SessionState.InvokeCommand.PostCommandLookupAction = null;
        }

        WriteObject(
            $"gate: seed {Seed}, {reader.Read} scripts, {reader.Read - reader.Passed} refused by their syntax, {reader.Passed} let through, {session.Runs} of them run "
            + $"({session.Errors} ended with an error, {session.Processes} processes), 0 canaries reached, {watch.Elapsed.TotalSeconds:0} s");
    }
}
