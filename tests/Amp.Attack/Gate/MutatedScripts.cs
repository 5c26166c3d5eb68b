namespace Amp.Attack.Gate;

/// <summary>The scripts that the gate is attacked with, by number: the same for the same seed.</summary>
/// <param name="seed">The seed.</param>
/// <param name="outside">A folder that no script may change.</param>
internal sealed class MutatedScripts(int seed, string outside)
{
    public int Seed => seed;

    public string Of(int number)
    {
        AttackRandom random = new(seed, number);
        ScriptGrammar grammar = new(random);
        string script = grammar.Script();
        return random.IsOneIn(20) ? script : new ScriptMutation(random, grammar, outside).Of(script);
    }
}
