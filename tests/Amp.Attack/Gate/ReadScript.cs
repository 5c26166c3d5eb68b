using System.Management.Automation.Language;
using Amp.PowerShell.Tools;

namespace Amp.Attack.Gate;

/// <summary>
/// What the check of the syntax makes of a script, held against the tokens that PowerShell sees in it. They are another way to the same question: the
/// check walks a tree, and what no node of the tree stood for would go by unseen.
/// </summary>
internal static class ReadScript
{
    // Not the one of --: before an argument it only says that no parameter follows.
    private static readonly HashSet<TokenKind> s_neverLetThrough =
    [
        TokenKind.Ampersand, TokenKind.AndAnd, TokenKind.OrOr, TokenKind.RedirectInStd, TokenKind.SplattedVariable, TokenKind.ColonColon, TokenKind.PlusPlus,
        TokenKind.PostfixPlusPlus, TokenKind.PostfixMinusMinus, TokenKind.PlusEquals, TokenKind.MinusEquals, TokenKind.MultiplyEquals, TokenKind.DivideEquals, TokenKind.RemainderEquals,
        TokenKind.DotDot, TokenKind.Multiply, TokenKind.Is, TokenKind.IsNot, TokenKind.As,
    ];

    /// <summary>Whether a script is let through.</summary>
    /// <exception cref="InvalidDataException">It is, and its tokens say that it must not be.</exception>
    public static bool IsLetThrough(string text)
    {
        ScriptBlockAst script;
        try
        {
            script = ScriptGate.Read(text);
        }
        catch (Exception exception) when (exception is ArgumentException or InsufficientExecutionStackException)
        {
            return false;
        }

        HashSet<string> commands = [.. script.FindAll(static node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().Select(call => call.GetCommandName())];
        Parser.ParseInput(text, out Token[] tokens, out _);
        Check(tokens, commands);
        return true;
    }

    private static void Check(IEnumerable<Token> tokens, HashSet<string> commands)
    {
        foreach (Token token in tokens)
        {
            if (token.Text.Length == 0)
            {
                continue;
            }

            if (s_neverLetThrough.Contains(token.Kind) || token is FileRedirectionToken)
            {
                throw new InvalidDataException($"The gate let a script through with '{token.Text}' ({token.Kind}) in it.");
            }

            // Behind -- PowerShell marks what would be a parameter so; it is an argument, and no command.
            bool isDashed = token.Text[0] is '-' or '\u2013' or '\u2014' or '\u2015';
            if (token.TokenFlags.HasFlag(TokenFlags.CommandName) && !isDashed && !commands.Contains(token is StringToken name ? name.Value : token.Text))
            {
                throw new InvalidDataException($"The gate let a script through without a look at its command '{token.Text}'.");
            }

            if (token is StringExpandableToken { NestedTokens: { } nested })
            {
                Check(nested, commands);
            }
        }
    }
}
