namespace Amp.Permissions;

/// <summary>Checks the tools of a rule. A name or pattern that no tool can have creates a rule that never matches.</summary>
internal static class ToolNameCheck
{
    private const string OptionName = nameof(AmpPermission.Tool);

    /// <exception cref="AmpValidationException">No tool can have this name.</exception>
    public static void Check(string? pattern)
    {
        if (string.IsNullOrWhiteSpace(pattern))
        {
            throw new AmpValidationException("The rule does not name a tool.", OptionName, "Name a tool, or use * for all tools.");
        }

        foreach (char c in pattern)
        {
            if (char.IsControl(c))
            {
                throw Refuse(pattern, "has a control character", "Remove it.");
            }

            if (char.IsWhiteSpace(c))
            {
                throw Refuse(pattern, "contains white space", "Give only the name, and use a match for the inputs.");
            }

            if (c is '(' or ')')
            {
                throw Refuse(
                    pattern, "has a parenthesis", "Give only the name, and use a match for the inputs: cmd = 'git *'.");
            }

            if (char.IsSurrogate(c))
            {
                throw Refuse(pattern, "has a character that the name of a tool cannot have", "Remove it.");
            }
        }

        CheckBrackets(pattern);
        if (pattern[0] == '!' && pattern.AsSpan().IndexOfAny("*?[{") < 0)
        {
            throw Refuse(
                pattern, "begins with '!', which negates patterns only", "Put a rule for that tool before one for the tool *.");
        }
    }

    // The CLI treats an unclosed bracket as part of the name.
    private static void CheckBrackets(string pattern)
    {
        int braces = 0;
        bool inClass = false;
        foreach (char c in pattern)
        {
            switch (c)
            {
                case '[' when !inClass:
                    inClass = true;
                    break;
                case ']' when inClass:
                    inClass = false;
                    break;
                case ']':
                    throw Refuse(pattern, "has a ']' without a '['", "Close the bracket.");
                case '{' when !inClass:
                    braces++;
                    break;
                case '}' when !inClass && --braces < 0:
                    throw Refuse(pattern, "has a '}' without a '{'", "Close the bracket.");
                case ',' when braces == 0:
                    throw Refuse(pattern, "has a comma", "Create a rule for each tool: 'Read', 'Grep' are two names, 'Read,Grep' is one.");
            }
        }

        if (inClass || braces > 0)
        {
            throw Refuse(pattern, $"has a '{(inClass ? '[' : '{')}' that is not closed", "Close the bracket.");
        }
    }

    private static AmpValidationException Refuse(string pattern, string reason, string advice)
    {
        string shown = TerminalText.Strip(pattern).ReplaceLineEndings(" ").Replace('\t', ' ');
        return new AmpValidationException(
            $"The tool '{shown}' {reason}: no tool has such a name, so the rule would never match.", OptionName, advice, pattern);
    }
}
