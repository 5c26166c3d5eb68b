using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Amp.PowerShell.Completion;

/// <summary>
/// The base class of completers. They use only what is already known: they start no process, call no service and write nothing. Any failure
/// gives an empty list.
/// </summary>
internal abstract class AmpCompleter : IArgumentCompleter
{
    private const int MostOffered = 200;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        OrNothing(() =>
        {
            CompletionWord word = CompletionWord.Of(wordToComplete, WildcardParameter.Is(commandName, parameterName));
            return Candidates(new CompletionRequest(fakeBoundParameters))
                .Where(word.Matches)
                .DistinctBy(candidate => candidate.Value, StringComparer.Ordinal)
                .Take(MostOffered)
                .Select(word.Offer);
        });

    /// <summary>Creates the completions; an empty list if that fails.</summary>
    internal static CompletionResult[] OrNothing(Func<IEnumerable<CompletionResult>> offer)
    {
#pragma warning disable CA1031 // Somebody is typing: there is nobody to tell, and nothing that a wrong guess would harm.
        try
        {
            return [.. offer()];
        }
        catch (Exception)
        {
            // Not null, because PowerShell would then complete file names of the current folder.
            return [];
        }
#pragma warning restore CA1031
    }

    /// <summary>Gets all possible values. The caller removes those that do not match the word.</summary>
    private protected abstract IEnumerable<Candidate> Candidates(CompletionRequest request);
}

/// <summary>A possible completion.</summary>
/// <param name="Value">The value of the parameter.</param>
/// <param name="Description">The description, for the tooltip.</param>
/// <param name="Title">The title that users know, if it differs from the value. It is shown in the list and can be typed instead.</param>
internal sealed record Candidate(string Value, string? Description = null, string? Title = null);
