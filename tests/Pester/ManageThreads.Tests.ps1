#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $builds = @(
        @{ Build = '2026-01-08'; Need = 'JanuaryCli'; Has = 'ForkFrom' }
        @{ Build = '2026-01-26'; Need = 'LateJanuaryCli'; Has = 'Export', 'Remove', 'HandoffFrom' }
        @{ Build = '2026-03-24'; Need = 'MarchCli'; Has = 'Export', 'Remove', 'HandoffFrom', 'Usage', 'IncludeArchived', 'Exact' }
    )
    $builds | ForEach-Object { $_.Missing = Get-AmpTestGap $_.Need }
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    # The ID of the error that a block ends with; nothing where it does not.
    function Get-ErrorId([scriptblock] $Block) {
        try {
            $null = & $Block
        } catch {
            ($_.FullyQualifiedErrorId -split ',')[0]
        }
    }
}

Describe 'Threads on the CLI of <Build><Missing>' -ForEach $builds {
    BeforeAll {
        if (-not $Missing) {
            $place = Open-AmpTestPlace
            $call = Get-AmpLocalCall $place (Open-AmpLocalService $place) -Cli $Need
            $run = Invoke-AmpAgent 'all about llamas' @call
            $id = $run[0].ThreadId
            $hard = 'a  double  space 日本語 │ ─── │ T-01a1fca2'
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are listed, renamed and found, whatever their titles are' -Skip:([bool] $Missing) {
        $thread = Rename-AmpThread $id $hard @call -PassThru
        $thread | Should -BeOfType [Amp.AmpThread]
        $thread.Id | Should -Be $id
        $thread.ThreadId | Should -Be $id
        "$thread" | Should -Be $id
        $thread.Title | Should -Be $hard
        $thread.MessageCount | Should -Be 1
        $thread.Visibility | Should -Be 'private'
        $thread.Updated | Should -BeOfType [System.DateTimeOffset]
        ([System.DateTimeOffset]::Now - $thread.Updated).Duration() | Should -BeLessThan ([timespan]::FromHours(1))
        $thread.IsUpdatedEstimated | Should -BeTrue

        $found = Find-AmpThread 'llamas' @call
        $found.Id | Should -Be $id
        $found.Title | Should -Be $hard
        $found.IsUpdatedEstimated | Should -Be ('Exact' -notin $Has)
        Find-AmpThread 'camels' @call | Should -BeNullOrEmpty
    }

    It 'come as Markdown to the pipeline, once for all messages of a run' -Skip:([bool] $Missing) {
        $text = $run | Export-AmpThreadMarkdown @call

        $text | Should -HaveCount 1
        $text | Should -BeLike "---*threadId: $id*Echo: all about llamas*"
    }

    It 'go on where they are piped in' -Skip:([bool] $Missing) {
        $messages = Get-AmpThread -First 1 @call | Invoke-AmpAgent 'go on' @call

        $messages[0].ThreadId | Should -Be $id
        $messages[-1].Result | Should -Be 'Echo: go on'
    }

    It 'are made, shared, archived and brought back' -Skip:([bool] $Missing) {
        $new = New-AmpThread -Visibility workspace @call
        $new.Visibility | Should -Be 'workspace'
        $new.MessageCount | Should -Be 0
        (Get-AmpThread $new @call).Visibility | Should -Be 'workspace'

        ($new | Set-AmpThread -Visibility unlisted -Archived -PassThru @call).Visibility | Should -Be 'unlisted'
        if ('IncludeArchived' -in $Has) {
            (Get-AmpThread @call).Id | Should -Not -Contain $new.Id
            (Get-AmpThread -IncludeArchived @call).Id | Should -Contain $new.Id
        } else {
            Get-ErrorId { Get-AmpThread -IncludeArchived @call } | Should -Be 'UnsupportedByCli'
        }

        $new | Set-AmpThread -Archived:$false @call
        (Get-AmpThread @call).Id | Should -Contain $new.Id
        Get-ErrorId { $new | Set-AmpThread -Label 'one' @call -ErrorAction Stop } | Should -Be 'UnsupportedByCli' -Because 'only later ones can'
        Get-ErrorId { New-AmpThread -Label 'one' @call } | Should -Be 'UnsupportedByCli'
    }

    It 'are handed off or copied where the CLI can' -Skip:([bool] $Missing) {
        foreach ($way in 'HandoffFrom', 'ForkFrom') {
            $options = @{ $way = $run[0] }
            if ($way -eq 'HandoffFrom') {
                $options.Goal = 'Shear the llamas'
            }

            if ($way -notin $Has) {
                Get-ErrorId { New-AmpThread @options @call } | Should -Be 'UnsupportedByCli'
                continue
            }

            $next = New-AmpThread @options @call
            $next.Id | Should -Not -Be $id
            (Get-AmpThread @call).Id | Should -Contain $next.Id
        }
    }

    It 'come as JSON, tell what they cost and are deleted where the CLI can' -Skip:([bool] $Missing) {
        if ('Export' -in $Has) {
            $json = $run[-1] | Export-AmpThread @call | ConvertFrom-Json
            $json.id | Should -Be $id
            $json.messages[0].content[0].text | Should -Be 'all about llamas'
        } else {
            Get-ErrorId { Export-AmpThread $id @call -ErrorAction Stop } | Should -Be 'UnsupportedByCli'
        }

        if ('Usage' -in $Has) {
            $usage = $run | Get-AmpThreadUsage @call
            $usage | Should -BeOfType [Amp.ThreadCost]
            $usage.ThreadId | Should -Be $id
            $usage.Cost | Should -BeGreaterThan 0
        } else {
            Get-ErrorId { Get-AmpThreadUsage $id @call -ErrorAction Stop } | Should -Be 'UnsupportedByCli'
        }

        if ('Remove' -in $Has) {
            Remove-AmpThread $id -Confirm:$false @call
            (Get-AmpThread @call).Id | Should -Not -Contain $id
            Get-ErrorId { Remove-AmpThread $id -Confirm:$false @call -ErrorAction Stop } | Should -Be 'ThreadNotFound'
        } else {
            Get-ErrorId { Remove-AmpThread $id -Confirm:$false @call -ErrorAction Stop } | Should -Be 'UnsupportedByCli'
            (Get-AmpThread @call).Id | Should -Contain $id
        }
    }

    # The texts of the older ones are the same.
    if ($Need -eq 'MarchCli') {
        It 'that nobody knows are errors, and the next one is done' -Skip:([bool] $Missing) {
            $unknown = 'T-00000000-0000-4000-8000-000000000000'
            $known = (New-AmpThread @call).Id

            $archived = $unknown, 'nonsense', $known | Set-AmpThread -Archived -PassThru @call -ErrorVariable errors -ErrorAction SilentlyContinue
            $archived.Id | Should -Be $known
            ($errors.FullyQualifiedErrorId -replace ',.*') | Should -Be 'InvalidOption', 'ThreadNotFound'
            $errors[1].TargetObject | Should -Be $unknown
            Get-ErrorId { Get-AmpThread $unknown @call -ErrorAction Stop } | Should -Be 'ThreadNotFound'
            Get-ErrorId { Export-AmpThreadMarkdown $unknown @call -ErrorAction Stop } | Should -Be 'ThreadNotFound'
            Get-ErrorId { Set-AmpThread $unknown -Visibility workspace @call -ErrorAction Stop } | Should -Be 'ThreadNotFound'
        }
    }
}

Describe "Hundreds of threads$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $data = (New-Item -ItemType Directory -Path (Join-Path $place.Root 'data')).FullName
        $expected = foreach ($number in 1..321) {
            $id = 'T-00000000-0000-4000-8000-{0:d12}' -f $number
            $when = [datetime]::UtcNow.AddHours(-$number)
            $thread = @{ id = $id; v = 1; created = 0; title = "thread $number"; messages = @() }
            @{
                id = $id; title = "thread $number"; created = $when; updatedAt = $when; version = 1; messageCount = $number
                json = $thread | ConvertTo-Json -Compress
            } | ConvertTo-Json | Set-Content -LiteralPath (Join-Path $data "$id.json")
            $id
        }

        $call = Get-AmpLocalCall $place (Open-AmpLocalService $place -DataFolder $data)
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are listed whole and in order' {
        $threads = Get-AmpThread @call

        $threads.Id | Should -Be $expected
        $threads.MessageCount | Should -Be (1..321)
    }

    It 'are found whole and in order, page by page' {
        (Find-AmpThread 'thread' @call).Id | Should -Be $expected
    }

    It 'are listed and found from where one likes' {
        (Get-AmpThread -First 2 -Skip 10 @call).Title | Should -Be 'thread 11', 'thread 12'
        (Find-AmpThread 'thread' -First 2 -Skip 319 @call).Title | Should -Be 'thread 320', 'thread 321'
        Get-AmpThread -First 0 @call | Should -BeNullOrEmpty
        Get-AmpThread -Skip 321 @call | Should -BeNullOrEmpty
    }
}

Describe "Threads without a service$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
        Close-AmpLocalService $service
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are an error that says so: <_>' -ForEach @(
        'Get-AmpThread @call'
        'Find-AmpThread x @call'
        'New-AmpThread @call'
        'Set-AmpThread T-00000000-0000-4000-8000-000000000001 -Archived @call -ErrorAction Stop'
        'Remove-AmpThread T-00000000-0000-4000-8000-000000000001 -Confirm:$false @call -ErrorAction Stop'
    ) {
        Get-ErrorId ([scriptblock]::Create($_)) | Should -Be 'ServiceUnreachable'
    }
}
