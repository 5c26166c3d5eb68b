using System.Text;

namespace Amp.Attack.Gate;

/// <summary>Turns a script into what it was not meant to be: cut, joined, nested, quoted anew, and with what an attacker would put in.</summary>
internal sealed class ScriptMutation(AttackRandom random, ScriptGrammar grammar, string outside)
{
    /// <summary>Changes a script in one to four ways.</summary>
    public string Of(string script)
    {
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            script = Once(script);
        }

        return script;
    }

    private string Once(string script) => random.Next(24) switch
    {
        0 => Swap(script),
        1 => Change(script, (pieces, at) => pieces.RemoveAt(at)),
        2 => Change(script, (pieces, at) => pieces.Insert(at, pieces[at])),
        3 or 4 => Change(script, (pieces, at) => pieces.Insert(at, Fragment())),
        5 or 6 => Change(script, (pieces, at) => pieces[at] = Fragment()),
        7 => Change(script, (pieces, at) => pieces[at] = random.Pick(Pieces(grammar.Script()))),
        8 => Join(script),
        9 or 10 or 11 or 12 => Frame(script),
        13 => Exchange(script, static piece => piece is "'" or "\"", ScriptFragments.Quotes),
        14 => Exchange(script, static piece => piece == "-", ScriptFragments.Dashes),
        15 => Exchange(script, static piece => piece == " ", ScriptFragments.Blanks),
        16 => Change(script, (pieces, at) => pieces.Insert(at, random.Pick(ScriptFragments.Blanks))),
        17 => random.Pick(ScriptFragments.Prefixes) + script,
        18 => script + Placed(random.Pick(ScriptFragments.Suffixes)),
        19 => Nest(script),
        20 => Exchange(script, static piece => piece == "_", ["PSItem", "args", "input", "this", "env:PATH", "ExecutionContext", "global:Reached", "function:Add-Reached", "MyInvocation", "(Add-Reached)", "{_}"]),
        21 => Change(script, (pieces, at) => pieces[at] = Odd(pieces[at])),
        22 => Change(script, (pieces, at) => pieces.Insert(at, ((char)(random.IsOneIn(2) ? random.Next(0x80) : random.Next(0x10000))).ToString())),
        _ => Exchange(script, static piece => piece.Length > 2 && char.IsLetter(piece[0]), ["Reached", "Item", "Sample", "Object", "ScriptBlock", "Remove", "Set", "Invoke", "Get", "Command", "Add"]),
    };

    private string Fragment() => Placed(random.Pick(ScriptFragments.Attacks));

    private string Placed(string fragment) => fragment.Replace("OUTSIDE", outside, StringComparison.Ordinal);

    private string Change(string script, Action<List<string>, int> change)
    {
        List<string> pieces = Pieces(script);
        if (pieces.Count > 0)
        {
            change(pieces, random.Next(pieces.Count));
        }

        return string.Concat(pieces);
    }

    private string Swap(string script) => Change(script, (pieces, at) =>
    {
        int other = random.Next(pieces.Count);
        (pieces[at], pieces[other]) = (pieces[other], pieces[at]);
    });

    private string Join(string script)
    {
        List<string> first = Pieces(script);
        List<string> second = Pieces(grammar.Script());
        return string.Concat(first.Take(random.Next(first.Count + 1)).Concat(second.Skip(random.Next(second.Count + 1))));
    }

    private string Frame(string script)
    {
        string frame = random.Pick(ScriptFragments.Frames);
        int first = frame.IndexOf("%s", StringComparison.Ordinal);
        int second = frame.IndexOf("%s", first + 2, StringComparison.Ordinal);
        return second < 0
            ? frame.Replace("%s", script, StringComparison.Ordinal)
            : frame[..first] + script + frame[(first + 2)..second] + Fragment() + frame[(second + 2)..];
    }

    // In a text in double quotes, quotes are doubled, and what is in $() is read once more.
    private string Nest(string script)
    {
        for (int depth = random.Next(1, 4); depth > 0; depth--)
        {
            script = $"\"{random.Pick((string[])["", "a", "\"\"", "`\""])}$({(random.IsOneIn(2) ? script.Replace("\"", "\"\"", StringComparison.Ordinal) : script)})\"";
        }

        return script;
    }

    private string Exchange(string script, Predicate<string> what, IReadOnlyList<string> by)
    {
        List<string> pieces = Pieces(script);
        List<int> places = [.. Enumerable.Range(0, pieces.Count).Where(i => what(pieces[i]))];
        for (int i = Math.Min(random.Next(1, 4), places.Count); i > 0; i--)
        {
            pieces[random.Pick(places)] = random.Pick(by);
        }

        return string.Concat(pieces);
    }

    private string Odd(string piece) => random.Next(5) switch
    {
        0 => piece.ToUpperInvariant(),
        1 => piece.Insert(random.Next(piece.Length + 1), "`"),
        2 => piece.Replace('a', '\u0430').Replace('e', '\u0435'),
        3 => string.Concat(piece.Select(character => character is > ' ' and < '\u007F' ? (char)(character + 0xFEE0) : character)),
        _ => $"${{{piece}}}",
    };

    private static List<string> Pieces(string script)
    {
        List<string> pieces = [];
        StringBuilder word = new();
        foreach (char character in script)
        {
            if (char.IsLetterOrDigit(character))
            {
                word.Append(character);
                continue;
            }

            if (word.Length > 0)
            {
                pieces.Add(word.ToString());
                word.Clear();
            }

            pieces.Add(character.ToString());
        }

        if (word.Length > 0)
        {
            pieces.Add(word.ToString());
        }

        return pieces;
    }
}
