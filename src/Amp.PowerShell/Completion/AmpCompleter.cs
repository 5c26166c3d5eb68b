using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Amp.PowerShell.Completion;

/// <summary>
/// The base of what offers values while somebody types. All of them live on what is known already: none starts a process or asks a
/// service, none writes anything, and whatever goes wrong is an empty list.
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

    /// <summary>What is offered, all of it made here; nothing where something goes wrong with it.</summary>
    internal static CompletionResult[] OrNothing(Func<IEnumerable<CompletionResult>> offer)
    {
#pragma warning disable CA1031 // Somebody is typing: there is nobody to tell, and nothing that a wrong guess would harm.
        try
        {
            return [.. offer()];
        }
        catch (Exception)
        {
            // Not null, after which PowerShell would offer the files of the current folder.
            return [];
        }
#pragma warning restore CA1031
    }

    /// <summary>Everything that could be meant; what does not fit the word is left out by the caller.</summary>
    private protected abstract IEnumerable<Candidate> Candidates(CompletionRequest request);
}

/// <summary>Something that may be offered for what is being typed.</summary>
/// <param name="Value">The value of the parameter.</param>
/// <param name="Description">What it is, for the tooltip.</param>
/// <param name="Title">The name by which a person knows it, where that is not the value: it is shown in the list and may be typed too.</param>
internal sealed record Candidate(string Value, string? Description = null, string? Title = null);
