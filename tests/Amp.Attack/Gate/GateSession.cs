using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.Tools;

namespace Amp.Attack.Gate;

/// <summary>The session that scripts are let into, and the gate before it as a tool of a run has it.</summary>
internal sealed class GateSession : IDisposable
{
    // Against scripts that hang; a script that makes no end of its own is ended by it, and that is no fault.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly PSCmdlet _cmdlet;
    private readonly ScriptProcess _processes = new();
    private readonly ScriptRun _run;
    private readonly string[] _watched;
    private readonly string _print;
    private readonly string _location;

    public GateSession(AmpCmdlet cmdlet, string outside)
    {
        _cmdlet = cmdlet;
        _location = cmdlet.SessionState.Path.CurrentLocation.Path;
        _watched = [_location, outside];
        _print = FolderPrint.Of(_watched);
        _run = new ScriptRun(new CommandPolicy(Canaries.Allowed), cmdlet, allowChange: false, _processes);
        Canaries.Take();
    }

    /// <summary>How many scripts were run.</summary>
    public int Runs { get; private set; }

    /// <summary>How many of them gave an error.</summary>
    public int Errors { get; private set; }

    /// <summary>How many processes it took.</summary>
    public int Processes { get; private set; } = 1;

    /// <summary>Runs a script; what it did and must not, in words, or null.</summary>
    public string? FaultOf(string script)
    {
        using CancellationTokenSource limit = new(s_limit);
        ToolResult? result = _run.Run(script, limit.Token);
        Runs++;
        Errors += result is null or { IsError: true } ? 1 : 0;
        Processes += result is null || result.Text.Contains("its process exited", StringComparison.Ordinal) ? 1 : 0;
        string[] reached = Canaries.Take();
        return reached.Length > 0 ? $"It reached {string.Join(", ", reached)}."
            : result is { IsError: false } && result.Text.Contains("evil content", StringComparison.Ordinal) ? "It read a file."
            : FolderPrint.Of(_watched) != _print ? "It changed a folder."
            : _cmdlet.JobRepository.Jobs.Count > 0 ? "It left a job."
            : _cmdlet.SessionState.PSVariable.GetValue("global:Reached") is not null ? "It set a variable."
            : LanguagePrimitives.IsTrue(_cmdlet.SessionState.PSVariable.GetValue("WhatIfPreference")) ? "It left -WhatIf in the session."
            : _cmdlet.SessionState.Path.CurrentLocation.Path != _location ? "It went to another folder."
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _processes.Dispose();
}
