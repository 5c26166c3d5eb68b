using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Amp.PowerShell.Completion;

/// <summary>Offers the commands of this session that can be tools of the agent, as PowerShell itself completes commands.</summary>
public sealed class ToolCommandCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        AmpCompleter.OrNothing(() => CompletionCompleters.CompleteCommand(
            wordToComplete ?? string.Empty, string.Empty, CommandTypes.Cmdlet | CommandTypes.Function | CommandTypes.Filter));
}
