using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Callbacks;

/// <summary>
/// Runs a script block of the caller on the pipeline thread, in the scope that it would have if the caller ran it, and can stop it. Its
/// streams other than output go to the active cmdlet, so that they can be redirected together. Its errors become warnings, because they are
/// not errors of that cmdlet.
/// </summary>
internal sealed class CallerScript
{
    // Inside "try", a statement-terminating error ends the script; otherwise, the next statement might still return true. In strict mode, a
    // missing property is such an error. A script of a module sees strict mode and $_ only from a scope of that module.
    private const string Wrapper = """
        param($__ampScript, $__ampArgument, $__ampModule)
        $__ampCall = {
            param($__ampScript, $__ampArgument)
            Set-StrictMode -Version 3.0
            $_ = $__ampArgument
            try { & $__ampScript $__ampArgument *>&1 } catch { throw }
        }
        if ($null -ne $__ampModule) {
            & $__ampModule.NewBoundScriptBlock($__ampCall) $__ampScript $__ampArgument
        } elseif ($null -ne $ExecutionContext.SessionState.Module) {
            $__ampVariable = [System.Management.Automation.PSVariable]::new('_', $__ampArgument)
            try { $__ampScript.InvokeWithContext($null, $__ampVariable, $__ampArgument) *>&1 } catch { throw $_.Exception.GetBaseException() }
        } else {
            & $__ampCall $__ampScript $__ampArgument
        }
        """;

    private readonly List<PSObject?> _objects = [];
    private readonly AmpCmdlet _cmdlet;
    private readonly string _name;
    private readonly Action<object>? _heard;

    private CallerScript(AmpCmdlet cmdlet, string name, Action<object>? heard)
    {
        _cmdlet = cmdlet;
        _name = name;
        _heard = heard;
    }

    /// <summary>
    /// Runs the script in strict mode and returns the objects that it writes. Its argument is also <c>$_</c>, as in other script blocks for
    /// one object.
    /// </summary>
    /// <param name="cmdlet">The active cmdlet.</param>
    /// <param name="script">The script.</param>
    /// <param name="argument">The argument of the script.</param>
    /// <param name="name">The name of the script in a warning.</param>
    /// <param name="cancellationToken">Stops the script.</param>
    /// <param name="heard">Also gets each error, warning and information record; errors are then not written as warnings. Null for
    /// none.</param>
    /// <exception cref="RuntimeException">The script threw an error or was stopped.</exception>
    public static IReadOnlyList<PSObject?> Invoke(
        AmpCmdlet cmdlet, ScriptBlock script, object argument, string name, CancellationToken cancellationToken, Action<object>? heard = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);

        // In a nested pipeline, these streams would only go to the host.
        shell.AddScript(Wrapper, useLocalScope: true).AddArgument(script).AddArgument(argument).AddArgument(script.Module);
        CallerScript run = new(cmdlet, name, heard);
        PSDataCollection<PSObject?> output = [];
        output.DataAdded += (_, added) => run.Take(output[added.Index]);

        // Stopping waits for the end of the script, and the caller that cancels must not wait.
        using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(
            static state => ((System.Management.Automation.PowerShell)state!).BeginStop(null, null), shell);
        shell.Invoke(null, output);
        return run._objects;
    }

    // This runs on the pipeline thread, like the script.
    private void Take(PSObject? item)
    {
        if (item?.BaseObject is ErrorRecord or WarningRecord or InformationRecord)
        {
            _heard?.Invoke(item.BaseObject);
        }

        switch (item?.BaseObject)
        {
            case ErrorRecord error when _heard is not null:
                _cmdlet.WriteVerbose($"{_name} wrote an error: {error}");
                break;
            case ErrorRecord error:
                _cmdlet.WriteWarning($"{_name} wrote an error: {error}");
                break;
            case WarningRecord warning:
                _cmdlet.WriteWarning(warning.Message);
                break;
            case VerboseRecord verbose:
                _cmdlet.WriteVerbose(verbose.Message);
                break;
            case DebugRecord debug:
                _cmdlet.WriteDebug(debug.Message);
                break;
            case InformationRecord information:
                _cmdlet.WriteInformation(information);
                break;
            default:
                _objects.Add(item);
                break;
        }
    }
}
