namespace Amp.Attack.Gate;

/// <summary>Makes scripts as an agent writes them: pipelines of allowed commands, with script blocks, properties, operators and texts.</summary>
internal sealed class ScriptGrammar(AttackRandom random)
{
    private const int Deepest = 3;

    private static readonly string[] s_properties = ["Name", "Size", "Kind", "When", "Length", "Count", "Year", "Value", "Missing"];

    private static readonly string[] s_texts =
        ["'a'", "\"b\"", "'Monday'", "\"it's\"", "'say \"hi\"'", "''", "\"a`tb\"", "\"$_\"", "\"$($_.Name)\"", "\"a $($_.Size) b\"", "'ä€'", "\"tab`u{9}\"", "@'\nline\n'@", "@\"\n$($_.Name)\n\"@"];

    private static readonly string[] s_comparisons = ["-eq", "-ne", "-gt", "-lt", "-ge", "-le", "-like", "-notlike", "-match", "-contains", "-in", "-ceq", "-replace", "-split", "-join", "-f", "+", "-", "/", "%", "-and", "-or", "-xor", "-band"];

    /// <summary>A whole script.</summary>
    public string Script() => random.IsOneIn(12) ? $"{Pipeline(0)}; {Pipeline(0)}" : random.IsOneIn(15) ? Expression(0) : Pipeline(0);

    private string Pipeline(int depth)
    {
        string text = Source(depth);
        for (int stages = random.Next(4); stages > 0; stages--)
        {
            text += " | " + Stage(depth);
        }

        return text;
    }

    private string Source(int depth) => random.Next(16) switch
    {
        0 or 1 or 2 or 3 => "Get-Sample",
        4 => $"Get-Sample -Value {Value(depth)}",
        5 => "1, 2, 3",
        6 => $"{random.Pick(s_texts)}, {random.Pick(s_texts)}",
        7 => "Get-Date -Year 2026 -Month 1 -Day 2",
        8 => "Get-Command Get-Sample",
        9 => $"(Get-Sample)[{random.Next(3)}]",
        10 => "@(Get-Sample)",
        11 => $"@{{ a = {Value(depth)}; b = 2 }}",
        12 => $"Write-Output {Value(depth)}",
        13 => "Get-Sample -Path",
        14 => $"if ({Expression(depth + 1)}) {{ {Nested(depth)} }} else {{ {Nested(depth)} }}",
        _ => $"({Nested(depth)})",
    };

    private string Stage(int depth) => random.Next(22) switch
    {
        0 or 1 => $"Where-Object {{ {Expression(depth + 1)} }}",
        2 => $"Where-Object {Property()} {random.Pick((string[])["-eq", "-gt", "-like", "-match"])} {random.Pick(s_texts)}",
        3 => $"? {{ {Expression(depth + 1)} }}",
        4 or 5 => $"ForEach-Object {{ {Nested(depth)} }}",
        6 => $"% {{ {Expression(depth + 1)} }}",
        7 => $"Select-Object {Property()}, {Property()}",
        8 => $"Select-Object @{{ Name = 'x'; Expression = {{ {Expression(depth + 1)} }} }}",
        9 => $"Select-Object -First {random.Next(1, 4)} -ExpandProperty {Property()}",
        10 => $"Sort-Object {Property()} -Descending",
        11 => $"Sort-Object {{ {Expression(depth + 1)} }}",
        12 => $"Group-Object {Property()}",
        13 => "Measure-Object Size -Sum",
        14 => "ConvertTo-Json -Compress",
        15 => "Select-String 'a'",
        16 => $"Get-Sample -Value {Value(depth)}",
        17 => $"Format-Table {Property()}, @{{ n = 'y'; e = {{ {Expression(depth + 1)} }} }}",
        18 => "Get-Member -MemberType Property",
        19 => "Remove-Item",
        20 => "Remove-Sample",
        _ => "Get-Unique",
    };

    private string Nested(int depth) => depth >= Deepest ? Expression(depth + 1) : random.IsOneIn(2) ? Pipeline(depth + 1) : Expression(depth + 1);

    private string Value(int depth) => random.Next(6) switch
    {
        0 => random.Pick(s_texts),
        1 => $"{random.Next(100)}",
        2 => $"@({random.Next(9)}, {random.Next(9)})",
        3 => $"@{{ a = {random.Pick(s_texts)} }}",
        4 => $"({Nested(depth)})",
        _ => "x, y",
    };

    private string Expression(int depth) => depth > Deepest
        ? random.IsOneIn(2) ? $"$_.{Property()}" : random.Pick(s_texts)
        : random.Next(10) switch
        {
            0 or 1 or 2 => $"$_.{Property()} {random.Pick(s_comparisons)} {Operand(depth)}",
            3 => $"-not ({Expression(depth + 1)})",
            4 => $"({Expression(depth + 1)}) {random.Pick((string[])["-and", "-or"])} ({Expression(depth + 1)})",
            5 => $"\"{random.Pick((string[])["a", "", "b "])}$({Expression(depth + 1)})\"",
            6 => $"@($_.{Property()}, {Operand(depth)})",
            7 => $"(Get-Sample | Measure-Object {Property()}).Count",
            8 => $"$PSItem.{Property()}",
            _ => Operand(depth),
        };

    private string Operand(int depth) => random.Next(6) switch
    {
        0 or 1 => random.Pick(s_texts),
        2 => $"{random.Next(50)}",
        3 => random.Pick((string[])["$true", "$null", "$_"]),
        4 => $"$_.{Property()}.{Property()}",
        _ => $"({Nested(depth)})",
    };

    private string Property() => random.Pick(s_properties);
}
