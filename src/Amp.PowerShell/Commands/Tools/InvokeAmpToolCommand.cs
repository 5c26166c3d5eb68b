using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Calls a tool with the input that you give, which is passed by standard input. Permission rules apply. A call that requires an approval
/// ends at <c>-TimeoutSec</c>.
/// </summary>
/// <example>
///   <code>(Invoke-AmpTool Bash @{ cmd = 'uptime' }).output</code>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "AmpTool", SupportsShouldProcess = true)]
[OutputType(typeof(System.Collections.Specialized.OrderedDictionary), typeof(string))]
public sealed class InvokeAmpToolCommand : ManagementCmdlet
{
    /// <summary>The full name of the tool.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ToolNameCompleter))]
    public string Name { get; set; } = string.Empty;

    /// <summary>
    /// The input of the tool, which is passed by standard input. <c>Get-AmpTool</c> with the name of the tool shows its inputs.
    /// </summary>
    [Parameter(Position = 1)]
    [Alias("ArgumentList")]
    [DictionaryTransformation("@{ cmd = 'uptime' }")]
    public IDictionary? Argument { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ToolClient client = OrThrow(() => new ToolClient(CliOptions));
        IDictionary? input = OrThrow(() => Argument is null ? null : (IDictionary)PlainValue.Of(Argument, nameof(Argument))!);
        if (ShouldProcess(Name, "Call the tool")
            && TryFor<object?>(token => client.InvokeAsync(Name, input, token), Name, out object? answer))
        {
            WriteObject(answer, enumerateCollection: true);
        }
    }
}
