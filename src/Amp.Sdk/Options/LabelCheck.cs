using System.Text.RegularExpressions;

namespace Amp.Options;

/// <summary>Checks labels, because the CLI would refuse them only after the run has started.</summary>
internal static partial class LabelCheck
{
    private const int MostLabels = 20;

    /// <exception cref="AmpValidationException">There are too many labels, or one contains other characters.</exception>
    public static void Check(IReadOnlyList<string>? labels)
    {
        if (labels is null)
        {
            return;
        }

        if (labels.Count > MostLabels)
        {
            throw new AmpValidationException(
                $"There are {labels.Count} labels.", nameof(AmpOptions.Labels), $"Give at most {MostLabels}.", labels.Count);
        }

        foreach (string label in labels)
        {
            if (label is null || !Pattern().IsMatch(label))
            {
                throw new AmpValidationException(
                    $"'{TerminalText.Strip(label ?? string.Empty)}' is not a valid label.",
                    nameof(AmpOptions.Labels),
                    "A label consists of letters, digits and hyphens, and begins with a letter or digit.",
                    label);
            }
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
