using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Gets the tools that the agent can call here. If you give a tool's full name, you get its whole description and its schema. Requires an
/// API key.
/// </summary>
/// <example>
///   <code>Get-AmpTool tb__* | Get-AmpTool | Format-List Name, Parameters, Description</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpTool")]
[OutputType(typeof(ToolInfo))]
public sealed class GetAmpToolCommand : ManagementCmdlet
{
    /// <summary>The full names of the tools, or names with wildcards. By default, all tools.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ToolNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The agent mode whose tools to get.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModeCompleter))]
    public string? Mode { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(Name)))
        {
            return;
        }

        ToolClient client = OrThrow(() => new ToolClient(CliOptions));
        foreach (string name in Name ?? ["*"])
        {
            if (!WildcardPattern.ContainsWildcardCharacters(name))
            {
                if (TryFor(token => client.GetAsync(name, Mode, token), name, out ToolInfo? tool))
                {
                    WriteSeen(tool);
                }

                continue;
            }

            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            foreach (ToolInfo found in WaitOrThrow(token => client.ListAsync(Mode, token)).Where(tool => pattern.IsMatch(tool.Name)))
            {
                WriteSeen(found);
            }
        }
    }
}
