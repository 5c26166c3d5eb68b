using System.Globalization;
using System.Text.RegularExpressions;

namespace Amp;

/// <summary>The remaining quota of the account, in the words of the service.</summary>
public sealed partial record AccountCredit
{
    /// <summary>The whole text of the service, whose wording can change.</summary>
    public required string Text { get; init; }

    /// <summary>The account name, if the text contains it.</summary>
    public string? Account { get; init; }

    /// <summary>The balances in the text; empty if there are none.</summary>
    public IReadOnlyList<CreditBalance> Balances { get; init; } = [];

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;

    internal static AccountCredit Parse(string output)
    {
        string text = TerminalText.Strip(output).Trim();
        return new AccountCredit
        {
            Text = text,
            Account = AccountPattern().Match(text) is { Success: true } account ? account.Groups["name"].Value : null,
            Balances = [.. BalancePattern().Matches(text).Select(Balance).OfType<CreditBalance>()],
        };
    }

    // Null for an amount that does not fit. The text still contains it.
    private static CreditBalance? Balance(Match match) => Amount(match.Groups["left"].Value) is decimal left
        ? new CreditBalance(match.Groups["name"].Value.Trim(), left, Amount(match.Groups["limit"].Value), match.Value.Trim())
        : null;

    private static decimal? Amount(string text) =>
        decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal amount) ? amount : null;

    [GeneratedRegex(@"^Signed in as (?<name>\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex AccountPattern();

    // "Amp Free: $17.59/$20 remaining (...)", "Individual credits: $0 remaining"
    [GeneratedRegex(
        @"^(?<name>[^:\r\n]+): \$(?<left>[0-9][0-9,]*(?:\.[0-9]+)?)(?:/\$(?<limit>[0-9][0-9,]*(?:\.[0-9]+)?))? remaining[^\r\n]*",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex BalancePattern();
}

/// <summary>A remaining amount of money of an account.</summary>
/// <param name="Name">The name of the balance.</param>
/// <param name="Remaining">The remaining amount, in US dollars.</param>
/// <param name="Limit">The maximum amount, in US dollars, if it is reported.</param>
/// <param name="Text">The line that reports the balance.</param>
public sealed record CreditBalance(string Name, decimal Remaining, decimal? Limit, string Text);
