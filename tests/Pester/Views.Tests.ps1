#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    # What cmdlets write, and what can be reached from there by properties, messages and content blocks of every kind included; but not below the options
    # that a call of a replay has, which are what the script under test gave, nor below its transport, which is for .NET.
    $own = [Amp.AmpClient].Assembly, [Amp.PowerShell.ModuleInitializer].Assembly
    $reached = [System.Collections.Generic.HashSet[type]]::new()
    $open = [System.Collections.Generic.Queue[type]]::new()
    Get-Command -Module Amp | ForEach-Object { $_.OutputType.Type } | Where-Object { $_ } | ForEach-Object { $open.Enqueue($_) }
    $open.Enqueue([Amp.ApprovalRequest])
    $open.Enqueue([Amp.ApprovalDecision])
    $open.Enqueue([Amp.PowerShell.ToolCall])
    while ($open.Count) {
        $type = $open.Dequeue()
        foreach ($inner in $type.IsGenericType ? $type.GetGenericArguments() : $type) {
            if ($inner.Assembly -in $own -and -not $inner.IsEnum -and $inner -notin [Amp.SecretText], [Amp.AmpOptions], [Amp.AmpTransport] -and $inner -isnot [System.Exception] -and $reached.Add($inner)) {
                $inner.GetProperties() | ForEach-Object { $open.Enqueue($_.PropertyType) }
                $inner.Assembly.GetExportedTypes() | Where-Object { $_.IsSubclassOf($inner) } | ForEach-Object { $open.Enqueue($_) }
            }
        }
    }

    $types = $reached | Where-Object { -not $_.IsAbstract } | ForEach-Object { @{ Name = $_.FullName; Type = $_ } } | Sort-Object { $_.Name }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    $bad = "before`e[2J`e]0;title`a`u{9b}5m`r`b`u{0}`u{202e}`u{2066}`u{d83d}after"

    # An object of this type as it comes back from a job, with the same hostile text in all its texts, lists and dictionaries.
    function Get-Hostile([type] $Type) {
        $names = for ($base = $Type; $base; $base = $base.BaseType) { "Deserialized.$($base.FullName)" }
        $object = [pscustomobject]@{}
        foreach ($property in $Type.GetProperties('Public, Instance')) {
            $value = switch ($property.PropertyType) {
                { $_ -in [bool], [int], [long], [decimal], [timespan] } { $_ -eq [timespan] ? [timespan] 0 : 0 -as $_; break }
                { $_.IsGenericType -and $_.Name -eq 'Nullable`1' } { $null; break }
                { $_.Name -like 'IReadOnlyDictionary*' } { @{ "key$bad" = $bad }; break }
                { $_.IsGenericType } { , @($bad, $bad); break }
                { $_ -eq [object] -or $_.Name -eq 'OrderedDictionary' } { [ordered]@{ "key$bad" = $bad; deep = @($bad, @{ x = $bad }) }; break }
                default { $bad }
            }
            $object.PSObject.Properties.Add([psnoteproperty]::new($property.Name, $value))
        }

        $object.PSTypeNames.Clear()
        $names | ForEach-Object { $object.PSTypeNames.Add($_) }
        $object
    }
}

Describe 'The view of <Name>' -ForEach $types {
    It 'is a table and a list' {
        $views = Get-FormatData -TypeName "$Name"
        for ($base = $Type.BaseType; $base; $base = $base.BaseType) {
            $views = @($views) + (Get-FormatData -TypeName $base.FullName)
        }

        $controls = $views.FormatViewDefinition.Control | ForEach-Object { $_.GetType().Name }
        $controls | Should -Contain 'ListControl'
        $controls | Should -Contain 'TableControl'
    }

    It 'shows no control sequence, and needs no method' {
        $hostile = Get-Hostile $Type
        $before = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'Ansi'
            $shown = foreach ($shape in { $hostile }, { $hostile | Format-List }, { $hostile | Format-Table }) {
                & $shape | Out-String -Width 500 -ErrorVariable errors
                $errors | Should -BeNullOrEmpty
            }
        } finally {
            $PSStyle.OutputRendering = $before
        }

        $texts = $Type.GetProperties('Public, Instance') | Where-Object { $_.PropertyType -eq [string] }
        if ($texts) {
            "$shown" | Should -Match 'before'
        }

        $shown -replace '\e\[(\d+(;\d+)*)?m' | Should -Not -Match '[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069-[\n\r\t]]'
    }

    It 'keeps its columns within 120 cells, as few consoles are wider' {
        $rows = Get-Hostile $Type | Format-Table | Out-String -Width 120 -Stream
        $rows | ForEach-Object { $_.Length | Should -BeLessOrEqual 120 }
    }
}

Describe 'The table of results' {
    It 'shows the whole duration of <Duration>' -ForEach @(
        @{ Duration = '00:00:01.5'; Shown = '00:00:01.5' }
        @{ Duration = '23:59:59'; Shown = '23:59:59.0' }
        @{ Duration = '1.01:00:00'; Shown = '1.01:00:00.0' }
    ) {
        $result = [Amp.MessageFactory]::CreateResult('done', 'T-1', [timespan] $Duration, 1, $null)
        $row = $result | Format-Table | Out-String -Stream -Width 100 | Where-Object { $_ -like '*done*' }
        $row -split ' +' | Should -Contain $Shown
    }
}

Describe 'Wide characters, emoji and marks' {
    BeforeAll {
        $place = Open-AmpTestPlace
        function Get-Thread([string] $Id, [string] $Title) {
            [pscustomobject]@{ PSTypeName = 'Deserialized.Amp.AmpThread'; Id = $Id; Title = $Title; MessageCount = 3; Updated = $null }
        }

        function Get-Skill([string] $Name) {
            [pscustomobject]@{ PSTypeName = 'Deserialized.Amp.AmpSkill'; Name = $Name; Target = 'there'; Description = 'what' }
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'end a column where it ends: <Name>' -ForEach @(
        @{ Name = 'plain'; Cells = 5 }
        @{ Name = '日本語'; Cells = 6 }
        @{ Name = '한국어'; Cells = 6 }
        @{ Name = "cafe`u{301}"; Cells = 4 }
        @{ Name = '🚀🚀'; Cells = 4 }
        @{ Name = '日本語日本語日本語日本語日本語'; Cells = 23 }
        @{ Name = "a$('🚀' * 20)"; Cells = 24 }
    ) {
        $row = Get-Skill $Name | Format-Table | Out-String -Stream -Width 100 | Select-Object -Skip 3 -First 1
        $text, $rest = $row -split '(?=\s+there)', 2

        # Column and separator have 25 cells; what the text does not take is blank.
        $rest.Length - $rest.TrimStart().Length | Should -Be (25 - $Cells)
        $text | Should -Not -Match '\p{Cs}(?<!\p{Cs}\p{Cs})(?!\p{Cs})'
    }

    It 'are not cut in two where a line is too long' {
        $message = [pscustomobject]@{
            PSTypeName = 'Deserialized.Amp.AssistantMessage'
            Content = @([pscustomobject]@{ PSTypeName = 'Deserialized.Amp.ToolUseContent'; Name = 'Bash'; Input = @{ cmd = "a$('👩‍💻' * 200)" } })
        }
        $message.PSTypeNames.Add('Deserialized.Amp.StreamMessage')
        $shown = $message | Out-String -Width 1000
        $line = $shown.Trim()

        $line | Should -Match '^> Bash  a(👩‍💻)+…$'
        [regex]::Matches($line, '👩').Count | Should -Be 79
    }
}
