namespace Amp.Attack;

/// <summary>What happened and must not, with what it takes to see it again.</summary>
public sealed class AttackFailureException : Exception
{
    internal AttackFailureException(string part, int seed, int number, string what, string input, Exception? inner = null)
        : base($"{what}{Environment.NewLine}{Shown(input)}{Environment.NewLine}Again: Amp.Attack {part} --seed {seed} --at {number}", inner)
    {
    }

    // What is attacked with steers terminals.
    private static string Shown(string input) =>
        string.Concat(input.Take(4000).Select(character => char.IsControl(character) || character > 0x7E ? $"\\u{(int)character:x4}" : character.ToString()));
}
