using System.Collections;
using System.Management.Automation;
using System.Text.Json;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Tools;

/// <summary>A call of a tool, on the pipeline thread, in the session of the waiting cmdlet's caller.</summary>
internal sealed class ToolInvocation
{
    // Splatting calls names, commands and script blocks in the same way, and resolves a name as in the caller's own script. Warnings are
    // part of the output, because the agent gets them too; all other streams go to the host as usual.
    private const string Script =
        "param($__ampCommand, $__ampParameters, $__ampVerbose) if ($__ampVerbose) { $VerbosePreference = 'Continue' }; & $__ampCommand @__ampParameters 3>&1";

    private readonly CommandTool _tool;
    private readonly bool _allowChange;
    private readonly TimeSpan _timeout;

    /// <param name="tool">The tool to call.</param>
    /// <param name="allowChange">Whether a command that supports <c>-WhatIf</c> is called without it.</param>
    /// <param name="timeout">The time limit; zero for no limit.</param>
    public ToolInvocation(CommandTool tool, bool allowChange, TimeSpan timeout)
    {
        _tool = tool;
        _allowChange = allowChange;
        _timeout = timeout;
        Processes = tool.Policy is null ? null : new ScriptProcess();
    }

    /// <summary>The process of the tool's scripts; null if it does not accept scripts. The owner of the calls disposes it.</summary>
    public ScriptProcess? Processes { get; }

    /// <summary>Calls the tool. The agent gets any failure of the call as its result.</summary>
    /// <param name="cmdlet">The cmdlet that waits.</param>
    /// <param name="arguments">The input from the agent.</param>
    /// <param name="cancellationToken">Stops the pipeline in which the tool runs.</param>
    public ToolResult Run(AmpCmdlet cmdlet, string arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Hashtable parameters;
        bool pretends = _tool.SupportsShouldProcess && !_allowChange;
        try
        {
            using JsonDocument given = JsonDocument.Parse(arguments);
            parameters = ToolArguments.Read(given.RootElement, _tool.Parameters);
            if (_tool.SupportsShouldProcess)
            {
                ShownText.Refuse(_tool.Name, given.RootElement);
            }

            if (pretends)
            {
                parameters["WhatIf"] = true;
            }
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or InvalidCastException)
        {
            return new ToolResult(exception.Message, IsError: true);
        }

        cmdlet.WriteVerbose($"The agent calls {_tool.Name}({string.Join(", ", parameters.Keys.Cast<string>().Order(StringComparer.Ordinal))}).");
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (_tool.Policy is CommandPolicy policy)
        {
            return RunScript(new ScriptRun(policy, cmdlet, _allowChange, Processes!), cmdlet, (string)parameters[ToolFactory.ScriptParameter]!, stop, cancellationToken);
        }

        ToolOutput output = new();
        bool stopped = Invoke(cmdlet, _tool.Target, parameters, output, stop);
        Warn(cmdlet, output.Warnings);
        cancellationToken.ThrowIfCancellationRequested();
        output.Settle();
        if (stopped)
        {
            output.Errors.Add(stop.IsCancellationRequested
                ? $"{_tool.Name} did not end within {_timeout.TotalSeconds:0.#} s and was stopped."
                : $"{_tool.Name} was stopped.");
        }
        else if (pretends)
        {
            output.Notes.Add($"{_tool.Name} ran with -WhatIf: nothing was changed. Changes are not allowed in this run.");
        }

        return new ToolResult(output.ToText(), output.Errors.Count > 0);
    }

    private ToolResult RunScript(ScriptRun run, AmpCmdlet cmdlet, string script, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        if (_timeout > TimeSpan.Zero)
        {
            stop.CancelAfter(_timeout);
        }

        ToolResult? result;
        try
        {
            result = run.Run(script, stop.Token);
        }
        catch (InvalidOperationException exception)
        {
            result = new ToolResult(exception.Message, IsError: true);
        }

        Warn(cmdlet, run.Warnings);
        cancellationToken.ThrowIfCancellationRequested();
        return result ?? new ToolResult($"{_tool.Name} did not end within {_timeout.TotalSeconds:0.#} s and was stopped.", IsError: true);
    }

    // The work is done, and the agent gets its result, even if a warning stops the cmdlet, which then ends after this call.
    private void Warn(AmpCmdlet cmdlet, IReadOnlyList<string> warnings)
    {
        try
        {
            foreach (string warning in warnings)
            {
                cmdlet.WriteWarning($"{_tool.Name}: {warning}");
            }
        }
        catch (PipelineStoppedException) when (cmdlet.StopByPreference is not null)
        {
            // Whoever waits for the run throws it.
        }
    }

    // True if the pipeline was stopped before its end.
    private bool Invoke(AmpCmdlet cmdlet, object target, Hashtable parameters, ToolOutput output, CancellationTokenSource stop)
    {
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        bool isVerbose = cmdlet.MyInvocation.BoundParameters.TryGetValue("Verbose", out object? verbose) && verbose is SwitchParameter { IsPresent: true };
        shell.AddScript(Script, useLocalScope: true).AddArgument(target).AddArgument(parameters).AddArgument(isVerbose);
        if (_timeout > TimeSpan.Zero)
        {
            stop.CancelAfter(_timeout);
        }

        // Stopping waits for the end of the tool, and the caller that cancels must not wait.
        using CancellationTokenRegistration stopping = stop.Token.UnsafeRegister(
            static state => ((System.Management.Automation.PowerShell)state!).BeginStop(null, null), shell);
        try
        {
            shell.Invoke(null, output.Sink);
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            output.Errors.Add(Text(exception.ErrorRecord));
        }
        catch (PipelineStoppedException)
        {
            return true;
        }
        catch (InvalidOperationException) when (stop.IsCancellationRequested)
        {
            // It was stopped before it started.
            return true;
        }

        output.Errors.InsertRange(0, shell.Streams.Error.Select(Text));
        return shell.InvocationStateInfo.State is PSInvocationState.Stopped or PSInvocationState.Stopping;
    }

    private static string Text(ErrorRecord error) =>
        TerminalText.Strip(error.ErrorDetails?.Message is { Length: > 0 } details ? details : error.Exception.Message);
}
