using System.Globalization;
using System.Text.RegularExpressions;

namespace Amp;

/// <summary>The account's credit as the service words it.</summary>
public sealed partial record AccountCredit
{
    /// <summary>All that the service says; its wording is its own and changes.</summary>
    public required string Text { get; init; }

    /// <summary>Who is signed in, where the text says so.</summary>
    public string? Account { get; init; }

    /// <summary>The amounts that the text names; empty where it names none.</summary>
    public IReadOnlyList<CreditBalance> Balances { get; init; } = [];

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    internal static AccountCredit Parse(string output)
    {
        string text = TerminalText.Strip(output).Trim();
        return new AccountCredit
        {
            Text = text,
            Account = AccountPattern().Match(text) is { Success: true } account ? account.Groups["name"].Value : null,
            Balances =
            [
                .. BalancePattern().Matches(text).Select(match => new CreditBalance(
                    match.Groups["name"].Value.Trim(),
                    Amount(match.Groups["left"].Value)!.Value,
                    Amount(match.Groups["limit"].Value),
                    match.Value.Trim())),
            ],
        };
    }

    private static decimal? Amount(string text) =>
        decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal amount) ? amount : null;

    [GeneratedRegex(@"^Signed in as (?<name>\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex AccountPattern();

    // "Amp Free: $17.59/$20 remaining (...)", "Individual credits: $0 remaining"
    [GeneratedRegex(
        @"^(?<name>[^:\r\n]+): \$(?<left>\d[\d,]*(?:\.\d+)?)(?:/\$(?<limit>\d[\d,]*(?:\.\d+)?))? remaining[^\r\n]*",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex BalancePattern();
}

/// <summary>One amount of money that an account may still use.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Remaining">What is left, in US dollars.</param>
/// <param name="Limit">What there can be at most, in US dollars, where that is said.</param>
/// <param name="Text">The line that says so.</param>
public sealed record CreditBalance(string Name, decimal Remaining, decimal? Limit, string Text);
